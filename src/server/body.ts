/**
 * Reading a request's body into one buffer. The body may come in one-byte pieces: if these were kept,
 * 7 MiB would need more than a gigabyte.
 */
import type { IncomingMessage } from 'node:http';

/** What was read of a body: all of it, or its beginning where it was too long. */
export interface Body {
  readonly bytes: Buffer;
  readonly complete: boolean;
}

/** Why a body could not be read; exchange.ts makes it an answer. */
class BodyError extends Error {
  readonly statusCode: 400 | 429;

  constructor(statusCode: 400 | 429, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const NOTHING = Buffer.alloc(0);

/** Bytes that are kept of a body that is too long: enough for request.uid. */
const BEGINNING = 4096;
const FIRST_SIZE = 16 * 1024;

/**
 * Reads a body to its end even if it is too long, so that the client receives the denial. The server's requestTimeout
 * limits how long this takes.
 * @param limit in bytes
 * @param hold told how many bytes are held; false when that is too much
 * @throws BodyError
 */
export function readBody(
  payload: IncomingMessage,
  limit: number,
  hold: (bytes: number) => boolean,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const gathered = new Gathered(limit);
    let length = 0;
    payload.on('data', (chunk: Buffer) => {
      const complete = length <= limit;
      length += chunk.length;
      if (!complete) return;
      if (length <= limit) gathered.add(chunk);
      else gathered.keepBeginning(chunk);
      if (!hold(gathered.size)) {
        gathered.drop();
        payload.removeAllListeners('data').resume();
        reject(new BodyError(429, 'no room for the body'));
      }
    });
    payload.on('end', () => resolve({ bytes: gathered.bytes, complete: length <= limit }));
    payload.on('error', () => reject(new BodyError(400, 'the body broke off')));
    payload.on('close', () => {
      if (!payload.readableEnded) reject(new BodyError(400, 'the client closed the connection'));
    });
  });
}

/** Bytes in the order in which they came, in a buffer that doubles when it is full. */
class Gathered {
  readonly #limit: number;
  #buffer: Buffer = NOTHING;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Bytes of memory. */
  get size(): number {
    return this.#buffer.length;
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) {
      // Mostly the only piece: not copied.
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.length) this.#grow(Math.max(length, 2 * this.#buffer.length, FIRST_SIZE));
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length = length;
  }

  keepBeginning(chunk: Buffer): void {
    this.#buffer = Buffer.concat(
      [this.bytes.subarray(0, BEGINNING), chunk.subarray(0, BEGINNING)],
      BEGINNING,
    );
    this.#length = BEGINNING;
  }

  drop(): void {
    this.#buffer = NOTHING;
    this.#length = 0;
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(size, this.#limit));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
