/**
 * The HTTPS face of headcount: /mutate and /validate. This file takes a request through the others:
 * load.ts decides whether to let it in, answer.ts keeps its deadline, and review/encode.ts writes the answer.
 */
import type { IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { plain } from '../lib/text.ts';
import { atOnce } from '../admission/assess.ts';
import type { AdmissionRequest, Decision, Phase } from '../admission/decision.ts';
import type { Pair } from '../certs/source.ts';
import { Answers, type Judge } from './answer.ts';
import { NO_BODY, readBody, type Body } from './body.ts';
import { Connections } from './connections.ts';
import { longestDeadline, WEBHOOK_TIMEOUT } from './deadline.ts';
import { failure, notFound, REQUEST_TIMEOUT, SLOW_CLIENTS, type Failure } from './http.ts';
import { limited } from './limited.ts';
import { Load, nextTurn, SMALL, type LoadLimits, type Visit } from './load.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { BODY_LIMIT, decodeReview } from './review/decode.ts';
import { encodeRefusal, rulesOf } from './review/encode.ts';
import { tlsOptions } from './tls.ts';

export interface WebhookOptions {
  readonly judge: Judge;
  /** null while there is none yet: handshakes fail until the server is given one. */
  readonly certificate: Pair | null;
  /** PEM; where it is given, only clients with a certificate of this CA are heard. */
  readonly clientCa?: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits?: Partial<LoadLimits>;
}

const LIMITS: LoadLimits = {
  requests: 256,
  bytes: 32 * 1024 * 1024,
  deadline: longestDeadline(WEBHOOK_TIMEOUT),
};

declare module 'fastify' {
  interface FastifyRequest {
    /** null until it is let in. */
    visit: Visit | null;
    isJson: boolean;
  }
}

/** An API server keeps idle connections for 90 s: the server must not be the first to close. */
const KEEP_ALIVE = 125_000;
const HANDSHAKE_TIMEOUT = 3_000;
/** Connections past which idle ones are closed, and past which no more are taken; each takes some 60 KB. */
const CONNECTIONS = { soft: 1_024, hard: 1_536 };

/**
 * @param isDraining does every answer close its connection?
 * @returns the webhook's app, not listening
 */
export function makeWebhook(
  options: WebhookOptions,
  isDraining: () => boolean,
): FastifyInstance<HttpsServer> {
  const { log, metrics } = options;
  const limits: LoadLimits = { ...LIMITS, ...options.limits };
  const answerFailure = failure(log);
  const connections = new Connections(KEEP_ALIVE);
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
    clientErrorHandler: connections.onError,
  });
  connections.limit(app.server, CONNECTIONS.soft, CONNECTIONS.hard);
  app.addHook('preClose', () => connections.end(app.server));
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

  const answers = new Answers(options.judge, log, limits.deadline);
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
        : await answers.inTime(
            phase,
            admission,
            timeoutOf(request),
            visit.arrived,
            bytes.length > SMALL ? limited : atOnce,
          );
    load.answer(visit, body.length);
    const ms = performance.now() - visit.arrived;
    metrics.decided(phase, decision, ms / 1_000);
    logDecision(log, phase, uid, admission, decision, ms);
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
}

function timeoutOf({ query }: FastifyRequest): unknown {
  return (query as Readonly<Record<string, unknown>>)['timeout'];
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
