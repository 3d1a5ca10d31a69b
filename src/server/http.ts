/** What both HTTP servers share: limits against slow clients, and answers to all other requests. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stackOf, type Logger } from './log.ts';

/** `requestTimeout` alone does not close a slow connection: all three are needed. */
export const SLOW_CLIENTS = { headersTimeout: 3_000, connectionsCheckingInterval: 500 };
export const REQUEST_TIMEOUT = 5_000;

export function notFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'not found' });
}

/** What Fastify reports; `statusCode` where it knows one. */
export type Failure = Error & { readonly statusCode?: number };

/** A request that is not a review gets a short JSON error that repeats nothing of the request. */
export function failure(log: Logger) {
  return (error: Failure, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const code = error.statusCode ?? 500;
    if (code >= 500) log.error({ stack: stackOf(error) }, 'internal error');
    return reply.code(code).send({ error: code >= 500 ? 'internal error' : 'bad request' });
  };
}
