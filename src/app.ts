/**
 * The two HTTP faces of headcount, built but never listening: the webhook (TLS) and operations (plain).
 * Neither serves the other's paths. What an answer says is review.ts's; this file owns what happens around
 * it: load, deadlines, bodies, bugs.
 */
import type { IncomingMessage } from 'node:http';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AdmissionRequest, Decision, Phase } from './admission/decision.ts';
import { BODY_LIMIT, decodeReview, encodeRefusal, encodeReview, rulesOf } from './admission/review.ts';
import type { Pair } from './certs/source.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { plain } from './plain.ts';

interface Limits {
  /** Requests being read or judged at once; at 5,000 a second each waits 50 ms. */
  readonly requests: number;
  /** Bytes of bodies being read or judged at once: under 256 Mi, with the trees made of them. */
  readonly bytes: number;
  /** Milliseconds until the deadline, where ?timeout does not ask for less. */
  readonly deadline: number;
}

const LIMITS: Limits = { requests: 256, bytes: 64 * 1024 * 1024, deadline: 3_000 };

export interface AppOptions {
  /** @throws only for bugs */
  readonly judge: (phase: Phase, request: AdmissionRequest) => Promise<Decision>;
  /** What it waits for, one short line each; empty when ready. */
  readonly notReady: () => Promise<readonly string[]>;
  /** null while there is none yet: handshakes fail until the server is given one. */
  readonly certificate: Pair | null;
  /** PEM; where it is given, only clients with a certificate of this CA are heard. */
  readonly clientCa?: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits?: Partial<Limits>;
}

export interface App {
  readonly webhook: FastifyInstance<HttpsServer>;
  readonly ops: FastifyInstance;
  /** From now on every answer closes its connection, so that clients move to another replica. */
  readonly drain: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** performance.now() when the headers were there. */
    arrived: number;
    isJson: boolean;
  }
}

/** An API server keeps idle connections for 90 s: the server must not be the first to close. */
const KEEP_ALIVE = 125_000;
/** `requestTimeout` alone does not close a slow connection: all three are needed. */
const SLOW_CLIENTS = { headersTimeout: 3_000, connectionsCheckingInterval: 500, handshakeTimeout: 3_000 };
const REQUEST_TIMEOUT = 5_000;
/** What is read and thrown away past the body limit, so that the client gets to see the denial. */
const DISCARD_LIMIT = 20 * 1024 * 1024;
/** Enough for request.uid. */
const HEAD_OF_BODY = 4096;
/** Kept back of ?timeout for the way there and back. */
const ON_THE_WAY = 1_000;
/** ?timeout is rounded up to a second, so at 1s nothing may be left: judge what needs no waiting. */
const LEAST_DEADLINE = 100;
/** Milliseconds by which an answer may come after its deadline. */
const SWEEP = 20;
/** timeoutSeconds of our webhook configurations: after it an API server does not retry. */
const RETRIES_END = 5_000;
/** Reviews of the last seconds under full load; some 2 MB. */
const MAX_REMEMBERED = 16_384;
/** A phase and a UUID, with room; what is longer comes from no API server. */
const LONGEST_REMEMBERED = 64;

/**
 * @param clientCa PEM, where clients must show a certificate
 * @returns what the TLS server is made of. setSecureContext needs all of it again, not only the pair: what
 *   it is not given falls back to Node's defaults.
 */
export function tlsOptions(pair: Pair | null, clientCa?: string): ServerOptions {
  return {
    ...pair,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    minVersion: 'TLSv1.2',
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ].join(':'),
    ALPNProtocols: ['http/1.1'],
  };
}

export function makeApp(options: AppOptions): App {
  let draining = false;
  return {
    webhook: makeWebhook(options, () => draining),
    ops: makeOps(options),
    drain: () => {
      draining = true;
    },
  };
}

/** What was read of a body: all of it, or its beginning where it was too long. */
interface Body {
  readonly bytes: Buffer;
  readonly complete: boolean;
}

const NO_BODY: Body = { bytes: Buffer.alloc(0), complete: true };

function makeWebhook(options: AppOptions, isDraining: () => boolean): FastifyInstance<HttpsServer> {
  const { judge, log, metrics } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const app = fastify({
    https: { ...tlsOptions(options.certificate, options.clientCa), ...SLOW_CLIENTS },
    keepAliveTimeout: KEEP_ALIVE,
    requestTimeout: REQUEST_TIMEOUT,
    return503OnClosing: false,
    exposeHeadRoutes: false,
  });
  app.setNotFoundHandler(notFound);
  app.setErrorHandler(failure(log));
  app.decorateRequest('arrived', 0);
  app.decorateRequest('isJson', true);

  // Fastify's own parser turns a `__proto__` key into HTTP 400, which means "admitted" under Ignore.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBody(payload));

  const load = { requests: 0, bytes: 0 };
  app.addHook('onRequest', (request, reply, next) => {
    request.arrived = performance.now();
    if (isDraining()) reply.header('connection', 'close');
    const { headers } = request.raw;
    if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? 'application/json')) {
      request.isJson = false;
      // Fastify refuses a type that it can't read with 415 before it asks any parser for a uid.
      headers['content-type'] = 'application/json';
    }
    const bytes = Math.min(Number(headers['content-length'] ?? BODY_LIMIT), BODY_LIMIT);
    if (load.requests >= limits.requests || load.bytes + bytes > limits.bytes) {
      metrics.shed();
      // Whole seconds, at least 1: the API server retries only then.
      void reply.code(429).header('retry-after', '1').send({ error: 'too many requests, try again' });
      return;
    }
    load.requests++;
    load.bytes += bytes;
    reply.raw.once('close', () => {
      load.requests--;
      load.bytes -= bytes;
    });
    next();
  });

  const deadlines = new Deadlines();
  const firstSeen = new FirstSeen();
  const handler = (phase: Phase) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { bytes, complete } = (request.body as Body | undefined) ?? NO_BODY;
    const { uid, request: admission, refused } = decodeReview(bytes, complete);
    if (uid === null) {
      const code = request.isJson ? refused.code : 415;
      return reply.code(code).send({ error: refused.message });
    }
    const { decision, body } =
      admission === null
        ? { decision: refused, body: encodeRefusal(uid, refused) }
        : await answerTo(phase, admission, leftFor(request, phase, uid));
    const ms = performance.now() - request.arrived;
    metrics.decided(phase, decision, ms / 1_000);
    logDecision(phase, uid, admission, decision, ms);
    return reply.type('application/json').send(body);
  };
  app.post('/mutate', handler('mutate'));
  app.post('/validate', handler('validate'));
  return app;

  /** Milliseconds to the deadline; negative when it is over. */
  function leftFor(request: FastifyRequest, phase: Phase, uid: string): number {
    const started = firstSeen.of(`${phase} ${uid}`, request.arrived);
    return deadlineOf(request.query, limits) - (performance.now() - started);
  }

  /** The one place where a bug becomes an answer. */
  async function answerTo(
    phase: Phase,
    admission: AdmissionRequest,
    left: number,
  ): Promise<{ readonly decision: Decision; readonly body: string }> {
    try {
      const decision = await deadlines.within(left, judge(phase, admission), late(phase));
      return { decision, body: encodeReview(decision, admission, phase) };
    } catch (error) {
      const uid = plain(admission.uid, 64);
      log.error({ uid, phase, stack: stackOf(error) }, 'internal error');
      const decision = { outcome: 'failed', code: 500, message: `internal error (uid ${uid})` } as const;
      return { decision, body: encodeRefusal(admission.uid, decision) };
    }
  }

  function logDecision(
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
}

function makeOps({ notReady, metrics, log }: AppOptions): FastifyInstance {
  const app = fastify({ return503OnClosing: false, requestTimeout: REQUEST_TIMEOUT });
  app.setNotFoundHandler(notFound);
  app.setErrorHandler(failure(log));
  app.get('/healthz', () => 'ok\n');
  app.get('/readyz', async (_request, reply) => {
    const reasons = await notReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send(`${reasons.join('\n') || 'ok'}\n`);
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await metrics.expose();
    return reply.type(type).send(text);
  });
  return app;
}

function notFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'not found' });
}

/** What never became a review gets a short JSON error that repeats nothing of the request. */
function failure(log: Logger) {
  return (error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply) => {
    const code = error.statusCode ?? 500;
    if (code >= 500) log.error({ stack: stackOf(error) }, 'internal error');
    return reply.code(code).send({ error: code >= 500 ? 'internal error' : 'bad request' });
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 4_096) : 'thrown: no Error';
}

/** Keeps at most BODY_LIMIT bytes; of a longer body only the beginning, while the rest is read past. */
function readBody(payload: IncomingMessage): Promise<Body> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    payload.on('data', (chunk: Buffer) => {
      const before = length;
      length += chunk.length;
      if (length <= BODY_LIMIT) {
        chunks.push(chunk);
      } else if (before <= BODY_LIMIT) {
        chunks = [Buffer.concat([...chunks, chunk], HEAD_OF_BODY)];
      } else if (length > DISCARD_LIMIT) {
        payload.destroy();
      }
    });
    payload.on('end', () => {
      const [first] = chunks;
      const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
      resolve({ bytes, complete: length <= BODY_LIMIT });
    });
    payload.on('error', reject);
    payload.on('close', () => {
      if (!payload.readableEnded) reject(new Error('the client closed the connection'));
    });
  });
}

/**
 * One timer for all requests that wait: a timer for each costs a tenth of the whole answer, and nearly every
 * decision is there before it could fire.
 */
class Deadlines {
  readonly #waiting = new Set<{ readonly end: number; readonly expire: () => void }>();
  #sweeping: NodeJS.Timeout | undefined;

  /** @returns the decision, or `otherwise` when it is not there after so many milliseconds. */
  within(ms: number, decision: Promise<Decision>, otherwise: Decision): Promise<Decision> {
    return new Promise((resolve, reject) => {
      const entry = { end: performance.now() + ms, expire: () => resolve(otherwise) };
      this.#waiting.add(entry);
      this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP).unref();
      void decision.then(resolve, reject).finally(() => this.#waiting.delete(entry));
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const entry of this.#waiting) {
      if (entry.end > now) continue;
      this.#waiting.delete(entry);
      entry.expire();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

/** Everything else is done in microseconds: what keeps a judge waiting is the cluster. */
function late(phase: Phase): Decision {
  if (phase === 'validate') {
    return { outcome: 'failed', code: 504, message: 'reading the cluster took too long, try again' };
  }
  const remark = 'reading the cluster took too long: nothing was computed';
  return { outcome: 'allow', notJudged: null, warnings: [], remarks: [remark], patch: [] };
}

function deadlineOf(query: unknown, { deadline }: Limits): number {
  const asked = goDuration((query as Readonly<Record<string, unknown>>)['timeout']);
  return asked === null ? deadline : Math.min(deadline, Math.max(asked - ON_THE_WAY, LEAST_DEADLINE));
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @returns the milliseconds of a Go duration such as 5s, 1m30s or 500ms; null for anything else */
export function goDuration(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(\d{1,9}(\.\d{1,9})?(ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

/** A retry brings its uid again, and its ?timeout is not lowered: its deadline counts from the first try. */
class FirstSeen {
  readonly #times = new Map<string, number>();

  /** @returns when this review came first, in performance.now()'s milliseconds */
  of(key: string, now: number): number {
    if (key.length > LONGEST_REMEMBERED) return now;
    const known = this.#times.get(key);
    if (known !== undefined && now - known < RETRIES_END) return known;
    const oldest = this.#times.keys().next();
    if (this.#times.size >= MAX_REMEMBERED && oldest.done !== true) this.#times.delete(oldest.value);
    // Deleted first, so that the order of the keys is the order of their times.
    this.#times.delete(key);
    this.#times.set(key, now);
    return now;
  }
}
