/**
 * The two HTTP faces of headcount, built but never listening: the webhook (TLS) and operations (plain).
 * Neither serves the other's paths.
 */
import type { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { makeOps, type OpsOptions } from './ops.ts';
import { makeWebhook, type WebhookOptions } from './webhook.ts';

export interface AppOptions extends WebhookOptions, OpsOptions {}

export interface App {
  readonly webhook: FastifyInstance<HttpsServer>;
  readonly ops: FastifyInstance;
  /** From now on every answer closes its connection, so that clients move to another replica. */
  readonly drain: () => void;
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
