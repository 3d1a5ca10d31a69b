/** Reads the answers of an API server up to a limit. Every failure becomes an ApiError. */
import type { IncomingMessage } from 'node:http';
import { asObject, asString, parseJson, property, type JsonObject } from '../lib/json.ts';

/** The API server's answer was not 2xx, or there was none (status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Milliseconds to wait, where the API server asked for it. */
  readonly retryAfter: number | null;

  constructor(status: number, message: string, retryAfter: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** @returns the result of the call, or the outcome for the status with which it failed */
export async function orElse<T, U>(call: Promise<T>, outcomes: Readonly<Record<number, U>>): Promise<T | U> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && error.status in outcomes) return outcomes[error.status] as U;
    throw error;
  }
}

/** Between two parts of an answer. */
const SILENCE_LIMIT = 1_200;
/** By default etcd takes objects of up to 1.5 MiB, and nobody configures ten times that. */
export const MOST_BYTES = 16 * 1024 ** 2;
const NEWLINE = 0x0a;

/**
 * @returns the answer's text; null if it is longer than `most` bytes, and then the rest is not read
 * @throws ApiError
 */
export async function textOf(answer: IncomingMessage, most: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  answer.setTimeout(SILENCE_LIMIT, () => answer.destroy(new Error('the answer stopped halfway')));
  try {
    // Leaving the loop destroys the stream, and with it the connection.
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) return null;
      chunks.push(chunk);
    }
  } catch (error) {
    throw failed(error);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/** @throws ApiError for an answer that is longer than any object, or no JSON object */
export async function json(answer: IncomingMessage): Promise<JsonObject> {
  const text = await textOf(answer, MOST_BYTES);
  if (text === null) throw new ApiError(0, 'the answer is too long');
  return parseObject(text);
}

/** @throws ApiError for a text that is no JSON object */
export function parseObject(text: string): JsonObject {
  const object = asObject(parse(text));
  if (object === null) throw new ApiError(0, 'the answer is no JSON object');
  return object;
}

/** @throws ApiError */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(0, 'the answer is no JSON');
  }
}

/**
 * node:readline would do, but waits for ever where its input is destroyed.
 * @param most bytes of a line
 * @throws ApiError for a longer one
 */
export async function* linesOf(answer: AsyncIterable<Buffer>, most = MOST_BYTES): AsyncIterable<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      from = end + 1;
    }
    length += chunk.length - from;
    if (length > most) throw new ApiError(0, 'an event of the watch is too long');
    parts.push(chunk.subarray(from));
  }
}

/** @returns what an answer that is not 2xx means */
export async function refused(status: number, answer: IncomingMessage): Promise<ApiError> {
  const text = (await textOf(answer, MOST_BYTES).catch(() => '')) ?? '';
  // What is not JSON, for example a proxy's error page, says no more than the status.
  const message = asString(property(parseJson(text), 'message'));
  const seconds = Number(answer.headers['retry-after']);
  return new ApiError(status, message ?? `HTTP ${status}`, seconds > 0 ? seconds * 1_000 : null);
}

export function failed(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, messageOf(error));
}

/** @returns one line; if several addresses failed, as with localhost, the error of the first */
export function messageOf(error: unknown): string {
  const { errors, message, code } = error as Partial<AggregateError> & NodeJS.ErrnoException;
  const [first] = errors ?? [];
  return (first as Error | undefined)?.message || message || code || 'unknown error';
}
