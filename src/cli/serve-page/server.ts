/**
 * A few texts over HTTP, for the browser of this machine. Any page of the web may send requests to loopback: it reads no
 * answer, since no answer allows another origin, and a name that is made to lead here (DNS rebinding) is refused by its
 * Host header.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Text {
  readonly type: string;
  readonly text: string;
}

/** Names by which a browser reaches loopback; no DNS server can claim them. */
const HOSTS = ['127.0.0.1', 'localhost'];

/** What the page's own meta element can't say: it may not be framed, nor read by another origin. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** @returns a server that does not listen yet. @param texts by path */
export function pageServer(texts: Readonly<Record<string, Text>>): Server {
  const found = new Map(Object.entries(texts));
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    answer(
      request,
      response,
      found,
      HOSTS.map((host) => `${host}:${port}`),
    );
  });
  return server;
}

function answer(
  { method, url = '', headers }: IncomingMessage,
  response: ServerResponse,
  texts: ReadonlyMap<string, Text>,
  hosts: readonly string[],
): void {
  const refuse = (code: number, why: string): void => {
    response.writeHead(code, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
  };
  if (!hosts.includes(headers.host ?? '')) return refuse(421, 'the Host header names no loopback address');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'GET and HEAD only');
  const [path = ''] = url.split('?', 1);
  const text = texts.get(path === '/index.html' ? '/' : path);
  if (text === undefined) return refuse(404, 'not found');
  response.writeHead(200, { ...HEADERS, 'content-type': `${text.type}; charset=utf-8` });
  response.end(method === 'HEAD' ? '' : text.text);
}
