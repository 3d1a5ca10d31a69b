/**
 * The two HTTP faces of headcount, built but never listening: the webhook (TLS) and operations (plain).
 * Neither serves the other's paths. What an answer says is review.ts's, who is let in load.ts's; this file
 * takes a request through them, and turns a bug into an answer.
 */
import type { IncomingMessage } from 'node:http';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { atOnce, type Compute } from '../admission/assess.ts';
import type { AdmissionRequest, Decision, Phase } from '../admission/decision.ts';
import { BODY_LIMIT, decodeReview, encodeRefusal, encodeReview, rulesOf } from './review.ts';
import { NO_BODY, readBody, type Body } from './body.ts';
import type { Pair } from '../certs/source.ts';
import { deadlineOf, Deadlines, FirstSeen, longestDeadline, WEBHOOK_TIMEOUT } from './deadline.ts';
import { limited, Overrun } from './limited.ts';
import { limitConnections, Load, nextTurn, SMALL, type LoadLimits, type Visit } from './load.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { plain } from '../lib/text.ts';

const LIMITS: LoadLimits = {
  requests: 256,
  bytes: 32 * 1024 * 1024,
  deadline: longestDeadline(WEBHOOK_TIMEOUT),
};

export interface AppOptions {
  /**
   * @param reads holds what it waits for, while it does
   * @param compute how to run what only computes
   * @throws only for bugs, and what `compute` throws
   */
  readonly judge: (
    phase: Phase,
    request: AdmissionRequest,
    reads: Set<string>,
    compute: Compute,
  ) => Promise<Decision>;
  /** What it waits for, one short line each; empty when ready. */
  readonly notReady: () => Promise<readonly string[]>;
  /** null while there is none yet: handshakes fail until the server is given one. */
  readonly certificate: Pair | null;
  /** PEM; where it is given, only clients with a certificate of this CA are heard. */
  readonly clientCa?: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits?: Partial<LoadLimits>;
}

/** A decision, and as what it is sent. */
interface Answer {
  readonly decision: Decision;
  readonly body: string;
}

export interface App {
  readonly webhook: FastifyInstance<HttpsServer>;
  readonly ops: FastifyInstance;
  /** From now on every answer closes its connection, so that clients move to another replica. */
  readonly drain: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null until it is let in. */
    visit: Visit | null;
    isJson: boolean;
  }
}

/** An API server keeps idle connections for 90 s: the server must not be the first to close. */
const KEEP_ALIVE = 125_000;
/** `requestTimeout` alone does not close a slow connection: all three are needed. */
const SLOW_CLIENTS = { headersTimeout: 3_000, connectionsCheckingInterval: 500 };
const HANDSHAKE_TIMEOUT = 3_000;
const REQUEST_TIMEOUT = 5_000;
/** Connections past which idle ones are closed, and past which no more are taken; each takes some 60 KB. */
const CONNECTIONS = { soft: 1_024, hard: 1_536 };
const OPS_CONNECTIONS = { soft: 64, hard: 128 };

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

function makeWebhook(options: AppOptions, isDraining: () => boolean): FastifyInstance<HttpsServer> {
  const { judge, log, metrics } = options;
  const limits: LoadLimits = { ...LIMITS, ...options.limits };
  const answerFailure = failure(log);
  const app = fastify({
    https: {
      ...tlsOptions(options.certificate, options.clientCa),
      ...SLOW_CLIENTS,
      handshakeTimeout: HANDSHAKE_TIMEOUT,
    },
    keepAliveTimeout: KEEP_ALIVE,
    requestTimeout: REQUEST_TIMEOUT,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: answerFailure,
  });
  limitConnections(app.server, CONNECTIONS.soft, CONNECTIONS.hard);
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((error: Failure, request, reply) =>
    error.statusCode === 429 ? shed(reply) : answerFailure(error, request, reply),
  );
  app.decorateRequest('visit', null);
  app.decorateRequest('isJson', true);

  const load = new Load(limits);
  // Fastify's own parser turns a `__proto__` key into HTTP 400, which means "admitted" under Ignore.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', ({ visit }: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, BODY_LIMIT, (bytes) => visit !== null && load.hold(visit, bytes)),
  );
  app.addHook('onRequest', (request, reply, next) => {
    if (isDraining()) reply.header('connection', 'close');
    const { headers } = request.raw;
    if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? 'application/json')) {
      request.isJson = false;
      // Fastify refuses a type that it can't read with 415 before it asks any parser for a uid.
      headers['content-type'] = 'application/json';
    }
    request.visit = load.enter(reply.raw, Math.min(Number(headers['content-length'] ?? 0), BODY_LIMIT));
    if (request.visit === null) void shed(reply);
    else next();
  });

  const deadlines = new Deadlines();
  const firstSeen = new FirstSeen(limits.deadline);
  const handler = (phase: Phase) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { bytes, complete } = (request.body as Body | undefined) ?? NO_BODY;
    // Set by onRequest, or the request would not have come so far.
    const visit = request.visit as Visit;
    if (!(await load.judge(visit, bytes.length))) return shed(reply);
    const { uid, request: admission, refused } = decodeReview(bytes, complete);
    if (bytes.length > SMALL) await nextTurn();
    if (uid === null) {
      const code = request.isJson ? refused.code : 415;
      load.answer(visit, 0);
      return reply.code(code).send({ error: refused.message });
    }
    const { decision, body } =
      admission === null
        ? { decision: refused, body: encodeRefusal(uid, refused) }
        : await inTime(phase, admission, request, visit, bytes.length > SMALL ? limited : atOnce);
    load.answer(visit, body.length);
    const ms = performance.now() - visit.arrived;
    metrics.decided(phase, decision, ms / 1_000);
    logDecision(phase, uid, admission, decision, ms);
    return reply.type('application/json').send(body);
  };
  app.post('/mutate', handler('mutate'));
  app.post('/validate', handler('validate'));
  return app;

  function shed(reply: FastifyReply): FastifyReply {
    metrics.shed();
    // Whole seconds, at least 1: the API server retries only then.
    return reply.code(429).header('retry-after', '1').send({ error: 'too many requests, try again' });
  }

  async function inTime(
    phase: Phase,
    admission: AdmissionRequest,
    { query }: FastifyRequest,
    { arrived }: Visit,
    compute: Compute,
  ): Promise<Answer> {
    const { timeout } = query as Readonly<Record<string, unknown>>;
    const key = `${phase} ${admission.uid}`;
    const started = firstSeen.of(key, arrived);
    const left = deadlineOf(timeout, limits.deadline) - (performance.now() - started);
    const answer = await answerTo(phase, admission, left, compute);
    firstSeen.answered(key, started, performance.now());
    return answer;
  }

  /** The one place where a bug becomes an answer. */
  async function answerTo(
    phase: Phase,
    admission: AdmissionRequest,
    left: number,
    compute: Compute,
  ): Promise<Answer> {
    const reads = new Set<string>();
    try {
      const judging = judge(phase, admission, reads, compute);
      const decision = await deadlines.within(left, judging, () =>
        late(phase, slowRead(reads), ', try again'),
      );
      return { decision, body: encodeReview(decision, admission, phase) };
    } catch (error) {
      if (error instanceof Overrun) {
        const decision = late(phase, 'judging so large an object', ': make it smaller');
        return { decision, body: encodeReview(decision, admission, phase) };
      }
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
  const app = fastify({
    http: SLOW_CLIENTS,
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT,
    frameworkErrors: failure(log),
  });
  limitConnections(app.server, OPS_CONNECTIONS.soft, OPS_CONNECTIONS.hard);
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

type Failure = Error & { readonly statusCode?: number };

/** What never became a review gets a short JSON error that repeats nothing of the request. */
function failure(log: Logger) {
  return (error: Failure, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const code = error.statusCode ?? 500;
    if (code >= 500) log.error({ stack: stackOf(error) }, 'internal error');
    return reply.code(code).send({ error: code >= 500 ? 'internal error' : 'bad request' });
  };
}

/** Where it happened; the message is left out, because it may quote the request. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return 'thrown: no Error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [error.name, ...frames].join('\n').slice(0, 4_096);
}

/** Everything else is done in microseconds: what keeps a judge waiting is the cluster. */
function slowRead(reads: ReadonlySet<string>): string {
  return `reading ${plain([...reads].join(' and ') || 'the cluster', 512)}`;
}

/**
 * @param slow what took too long
 * @param advice for who is refused
 */
function late(phase: Phase, slow: string, advice: string): Decision {
  if (phase === 'validate') {
    return { outcome: 'failed', code: 504, message: `${slow} took too long${advice}` };
  }
  const remark = `${slow} took too long: nothing was computed`;
  return { outcome: 'allow', notJudged: null, warnings: [], remarks: [remark], patch: [] };
}
