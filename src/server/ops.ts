/** The plain HTTP face, for the kubelet and for Prometheus: /healthz, /readyz, /metrics. */
import { fastify, type FastifyInstance } from 'fastify';
import { Connections } from './connections.ts';
import { failure, notFound, REQUEST_TIMEOUT, SLOW_CLIENTS } from './http.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface OpsOptions {
  /** What it waits for, one short line each; empty when ready. */
  readonly notReady: () => Promise<readonly string[]>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const OPS_CONNECTIONS = { soft: 64, hard: 128 };

/** @returns the operations' app, not listening */
export function makeOps({ notReady, metrics, log }: OpsOptions): FastifyInstance {
  const app = fastify({
    http: SLOW_CLIENTS,
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT,
    frameworkErrors: failure(log),
  });
  new Connections(app.server.keepAliveTimeout).limit(app.server, OPS_CONNECTIONS.soft, OPS_CONNECTIONS.hard);
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
