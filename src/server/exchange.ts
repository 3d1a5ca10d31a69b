/**
 * One review from its headers to its answer, on Node's own request and response: Fastify's hooks, parsers and replies
 * are too much beside a decision of microseconds. load.ts decides whether to let it in, answer.ts keeps its deadline, and
 * review/encode.ts writes the answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { plain } from '../lib/text.ts';
import { atOnce } from '../admission/assess.ts';
import type { AdmissionRequest, Decision, Phase } from '../admission/decision.ts';
import type { Answers } from './answer.ts';
import { readBody, type Body } from './body.ts';
import { failureOf, sendJson, type Failure } from './http.ts';
import { limited } from './limited.ts';
import { nextTurn, SMALL, type Load, type Visit } from './load.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { BODY_LIMIT, decodeReview } from './review/decode.ts';
import { encodeRefusal, rulesOf } from './review/encode.ts';

export interface ExchangeOptions {
  readonly load: Load;
  readonly answers: Answers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Does every answer close its connection? */
  readonly isDraining: () => boolean;
}

export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #phase: Phase;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(options: ExchangeOptions, phase: Phase, incoming: IncomingMessage, response: ServerResponse) {
    this.#options = options;
    this.#phase = phase;
    this.#incoming = incoming;
    this.#response = response;
  }

  /**
   * Never rejects: every error becomes an answer.
   * @param timeout the query's, of whatever type it is
   */
  async answer(timeout: unknown): Promise<void> {
    const { load, log } = this.#options;
    const announced = Number(this.#incoming.headers['content-length'] ?? 0);
    const visit = load.enter(this.#response, Math.min(announced, BODY_LIMIT));
    if (visit === null) return this.#shed();
    try {
      const body = await readBody(this.#incoming, BODY_LIMIT, (bytes) => load.hold(visit, bytes));
      if (await load.judge(visit, body.bytes.length)) await this.#judge(body, visit, timeout);
      else this.#shed();
    } catch (error) {
      if ((error as Failure).statusCode === 429) return this.#shed();
      const { code, message } = failureOf(error as Failure, log);
      if (!this.#response.headersSent) this.#send(code, JSON.stringify({ error: message }));
    }
  }

  async #judge({ bytes, complete }: Body, visit: Visit, timeout: unknown): Promise<void> {
    const { load, answers, log, metrics } = this.#options;
    const isSmall = bytes.length <= SMALL;
    const { uid, request, refused } = decodeReview(bytes, complete);
    if (!isSmall) await nextTurn();
    if (uid === null) {
      load.answer(visit, 0);
      const code = isJson(this.#incoming) ? refused.code : 415;
      return this.#send(code, JSON.stringify({ error: refused.message }));
    }
    const compute = isSmall ? atOnce : limited;
    const { decision, body } =
      request === null
        ? { decision: refused, body: encodeRefusal(uid, refused) }
        : await answers.inTime(this.#phase, request, timeout, visit.arrived, compute);
    load.answer(visit, body.length);
    const ms = performance.now() - visit.arrived;
    metrics.decided(this.#phase, decision, ms / 1_000);
    logDecision(log, this.#phase, uid, request, decision, ms);
    this.#send(200, body);
  }

  #shed(): void {
    this.#options.metrics.shed();
    // Whole seconds, at least 1: the API server retries only then.
    this.#send(429, '{"error":"too many requests, try again"}', ['retry-after', '1']);
  }

  #send(code: number, body: string, more: readonly string[] = NOTHING): void {
    sendJson(
      this.#response,
      code,
      body,
      this.#options.isDraining() ? [...more, 'connection', 'close'] : more,
    );
  }
}

const NOTHING: readonly string[] = [];

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? 'application/json');
}

function logDecision(
  log: Logger,
  phase: Phase,
  uid: string,
  admission: AdmissionRequest | null,
  decision: Decision,
  ms: number,
): void {
  log.info(
    {
      uid: plain(uid, 64),
      namespace: plain(admission?.namespace ?? '', 253),
      name: plain(admission?.name ?? '', 253),
      phase,
      operation: admission?.operation ?? '',
      decision: decision.outcome,
      ...(decision.outcome === 'failed' && { code: decision.code }),
      rules: rulesOf(decision),
      ms: Math.round(ms * 1_000) / 1_000,
      dryRun: admission?.dryRun ?? false,
    },
    'decided',
  );
}
