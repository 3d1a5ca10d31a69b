/** The HTTPS face of headcount: /mutate and /validate. Fastify finds the route; exchange.ts does everything else. */
import type { Server as HttpsServer } from 'node:https';
import { fastify, type FastifyInstance, type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import type { Phase } from '../admission/decision.ts';
import type { Pair } from '../certs/source.ts';
import { Answers, type Judge } from './answer.ts';
import { Connections } from './connections.ts';
import { longestDeadline, WEBHOOK_TIMEOUT } from './deadline.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { failure, notFound, REQUEST_TIMEOUT, SLOW_CLIENTS } from './http.ts';
import { Load, type LoadLimits } from './load.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
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
  app.setErrorHandler(answerFailure);
  app.addHook('onRequest', (request, reply, next) => {
    if (!request.is404) return next();
    // Before Fastify reads the body, or refuses it for its type.
    if (isDraining()) reply.header('connection', 'close');
    notFound(request, reply);
  });

  const load = new Load(limits);
  const answers = new Answers(options.judge, log, limits.deadline);
  const exchange: ExchangeOptions = { load, answers, log, metrics, isDraining };
  for (const phase of ['mutate', 'validate'] as const) app.post(`/${phase}`, taken(phase, exchange), unused);
  return app;
}

/** Takes the request from Fastify before it reads the body. */
function taken(phase: Phase, options: ExchangeOptions): RouteShorthandOptions<HttpsServer> {
  return {
    onRequest(request, reply) {
      reply.hijack();
      void new Exchange(options, phase, request.raw, reply.raw).answer(timeoutOf(request));
    },
  };
}

/** Fastify wants a handler for every route. */
function unused(): void {}

function timeoutOf({ query }: FastifyRequest): unknown {
  return (query as Readonly<Record<string, unknown>>)['timeout'];
}
