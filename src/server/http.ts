/** What both HTTP servers share: limits against slow clients, and answers to all other requests. */
import type { ServerResponse } from 'node:http';
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
    const { code, message } = failureOf(error, log);
    return reply.code(code).send({ error: message });
  };
}

/** @returns what a client is told of an error; a bug is logged with its place */
export function failureOf(error: Failure, log: Logger): { readonly code: number; readonly message: string } {
  const code = error.statusCode ?? 500;
  if (code < 500) return { code, message: 'bad request' };
  log.error({ stack: stackOf(error) }, 'internal error');
  return { code, message: 'internal error' };
}

/**
 * Answers with JSON by Node alone.
 * @param more further headers: a name, its value, and so on
 */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: string,
  more: readonly string[] = [],
): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(code, ['content-type', JSON_TYPE, 'content-length', length, ...more]);
  response.end(body);
}

const JSON_TYPE = 'application/json; charset=utf-8';
