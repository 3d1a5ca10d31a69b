/** The HTTP edges, over real TLS: what an API server would see, whatever is sent. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { EventEmitter, once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Decision } from '../../src/admission/decision.ts';
import { BODY_LIMIT } from '../../src/server/review/decode.ts';
import { makeApp, type App, type AppOptions } from '../../src/server/app.ts';
import { nextTurn } from '../../src/server/load.ts';
import { tlsOptions } from '../../src/server/tls.ts';
import { certificateFiles } from '../../src/certs/files.ts';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import { problemWith, type Pair } from '../../src/certs/source.ts';
import { makeLog } from '../../src/server/log.ts';
import { metricsForTest } from '../support/metrics.ts';
import { serve, type ServeOptions } from '../../src/server/serve.ts';
import { clusterOf, configOf } from '../support/helpers.ts';
import { minimalService, type Loose } from '../rules/cases.ts';

const YES: Decision = { outcome: 'allow', notJudged: null, warnings: [], remarks: [], patch: [] };
const never = (): Promise<Decision> => new Promise(() => {});

let pair: Pair;
let otherPair: Pair;
beforeAll(async () => {
  pair = await issueForLocalhost(Date.now());
  otherPair = await issueForLocalhost(Date.now());
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Running extends App {
  readonly port: number;
  readonly opsPort: number;
  readonly lines: readonly string[];
}

async function listening(overrides: Partial<AppOptions> = {}): Promise<Running> {
  const lines: string[] = [];
  const app = makeApp({
    judge: async () => YES,
    notReady: async () => [],
    certificate: pair,
    log: makeLog('info', { write: (line: string) => void lines.push(line) }),
    metrics: metricsForTest(),
    ...overrides,
  });
  for (const server of [app.webhook, app.ops]) {
    await server.listen({ host: '127.0.0.1', port: 0 });
    cleanups.push(async () => {
      server.server.closeAllConnections();
      await server.close();
    });
  }
  return { ...app, port: portOf(app.webhook), opsPort: portOf(app.ops), lines };
}

const portOf = (server: App['webhook'] | App['ops']): number => (server.server.address() as AddressInfo).port;

interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly json: Loose;
  readonly fingerprint: string;
}

interface Sent {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly type?: string | null;
  readonly agent?: Agent;
}

function send({
  port,
  path = '/validate',
  method = 'POST',
  body = '',
  type = 'application/json',
  agent,
}: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': Buffer.byteLength(body),
      ...(type !== null && { 'content-type': type }),
    };
    const options = { host: '127.0.0.1', port, path, method, headers, rejectUnauthorized: false };
    const sent = httpsRequest({ ...options, agent: agent ?? false }, (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const json = text.startsWith('{') ? JSON.parse(text) : null;
        resolve({
          code: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          json,
          fingerprint: fingerprint256,
        });
      });
    });
    sent.on('error', reject).end(body);
  });
}

function plainGet(port: number, path: string): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

function review(uid = 'u-1', object: Loose = minimalService()): Loose {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      name: 'llm',
      namespace: 'team',
      operation: 'CREATE',
      object,
    },
  };
}

const BODY = JSON.stringify(review());

describe('decisions', () => {
  test('allowed, with the uid; phase and request reach the judge', async () => {
    const seen: unknown[] = [];
    const { port } = await listening({
      judge: async (phase, request) => {
        seen.push([phase, request.name]);
        return YES;
      },
    });
    for (const path of ['/mutate', '/validate?timeout=5s']) {
      const { code, json, headers } = await send({ port, path, body: BODY });
      expect([code, json.response.uid, json.response.allowed]).toEqual([200, 'u-1', true]);
      expect(headers['content-type']).toContain('application/json');
    }
    expect(seen).toEqual([
      ['mutate', 'llm'],
      ['validate', 'llm'],
    ]);
  });

  test('a denial is HTTP 200 with code 422', async () => {
    const finding = {
      rule: 'canary',
      severity: 'deny',
      field: 'spec',
      owner: 'service',
      message: 'm',
      fix: 'f',
      short: 's',
    } as const;
    const { port, lines } = await listening({
      judge: async () => ({ outcome: 'deny', findings: [finding], warnings: [] }),
    });
    const { code, json } = await send({ port, body: BODY });
    expect([code, json.response.allowed, json.response.status.code]).toEqual([200, false, 422]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'decided',
      uid: 'u-1',
      namespace: 'team',
      name: 'llm',
      phase: 'validate',
      operation: 'CREATE',
      decision: 'deny',
      rules: ['canary'],
      dryRun: false,
      ms: expect.any(Number),
    });
  });

  test('a patch comes as base64 on /mutate', async () => {
    const patch = [{ op: 'add', path: '/spec/x', value: 1 } as const];
    const { port } = await listening({ judge: async () => ({ ...YES, patch }) });
    const { json } = await send({ port, path: '/mutate', body: BODY });
    expect(json.response.patchType).toBe('JSONPatch');
    expect(JSON.parse(Buffer.from(json.response.patch, 'base64').toString())).toEqual(patch);
  });

  test('a judge that never stops computing on a large review: others are served meanwhile, and it is ended', async () => {
    const endless = (): never => {
      for (;;);
    };
    const { port, opsPort } = await listening({
      judge: async (_phase, { uid }, _reads, compute) => (uid === 'large' ? await compute(endless) : YES),
    });
    const large = review('large');
    large.request.object.metadata.annotations.notes = 'x'.repeat(128 * 1024);
    const answers = Promise.all(
      ['/mutate', '/validate'].map((path) => send({ port, path, body: JSON.stringify(large) })),
    );
    const small = await send({ port, body: JSON.stringify(review('small')) });
    expect(small.json.response).toMatchObject({ uid: 'small', allowed: true });
    expect((await plainGet(opsPort, '/healthz')).code).toBe(200);
    const [mutate, validate] = await answers;
    expect(mutate?.json.response).toMatchObject({
      uid: 'large',
      allowed: true,
      warnings: ['judging so large an object took too long: nothing was computed'],
    });
    expect(validate?.json.response).toMatchObject({ uid: 'large', allowed: false, status: { code: 504 } });
  });

  test('a judge that never answers: /mutate lets it pass with a warning, /validate says what was slow', async () => {
    const { port } = await listening({ judge: never, limits: { deadline: 50 } });
    const mutate = await send({ port, path: '/mutate?timeout=5s', body: BODY });
    expect(mutate.json.response).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('too long')],
    });
    expect(mutate.json.response).not.toHaveProperty('patch');
    const validate = await send({ port, body: BODY });
    expect([validate.code, validate.json.response.status.code]).toEqual([200, 504]);
    expect(validate.json.response.status.message).toBe('judging it took too long, try again');
  });

  test('?timeout shortens the deadline, and a retry with the same uid does not get it anew', async () => {
    const { port } = await listening({ judge: never });
    const ask = async (uid: string): Promise<number> => {
      const began = performance.now();
      await send({ port, path: '/validate?timeout=1500ms', body: JSON.stringify(review(uid)) });
      return performance.now() - began;
    };
    const first = await ask('u-1');
    expect(first).toBeGreaterThan(450);
    expect(first).toBeLessThan(1000);
    expect(await ask('u-1')).toBeLessThan(300);
    expect(await ask('u-2')).toBeGreaterThan(450);
  });

  test.each([
    ['rejects', () => Promise.reject(new TypeError('kaboom'))],
    [
      'throws',
      () => {
        throw new TypeError('kaboom');
      },
    ],
    [
      'shows only when the answer is written',
      async () => ({
        ...YES,
        get warnings(): never {
          throw new TypeError('kaboom');
        },
      }),
    ],
  ] as const)('a bug that %s is a denial 500; the log says where, without its words', async (_how, judge) => {
    const { port, lines } = await listening({ judge });
    const { code, json } = await send({ port, path: '/mutate', body: BODY });
    expect([code, json.response.allowed]).toEqual([200, false]);
    expect(json.response.status).toEqual({
      code: 500,
      reason: 'InternalError',
      message: 'internal error (uid u-1)',
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      uid: 'u-1',
      stack: expect.stringMatching(/^TypeError\n +at .*app\.test\.ts/),
    });
    expect(lines.join('')).not.toContain('kaboom');
  });

  test('nothing of the manifest is logged, and names are escaped', async () => {
    const { port, lines } = await listening();
    const body = review('u\u001b[2J', { spec: { secret: 'CANARY' } });
    body.request.name = '\u202ename\u009b';
    await send({ port, body: JSON.stringify(body) });
    expect(lines.join('')).not.toMatch(/CANARY|\p{Cf}|[^\P{Cc}\n]/u);
  });
});

const withUid = (rest: string): string => `{"request":{"uid":"u-1","object":${rest}`;

describe('bodies that are refused', () => {
  test.each([
    ['not JSON', withUid('{,,'), 400],
    ['a depth bomb', withUid('['.repeat(1_000_000)), 400],
    ['too many tokens', withUid(`[${'1,'.repeat(600_000)}`), 400],
    ['a duplicate key', withUid('{"a":1,"a":2}}}'), 400],
    ['__proto__', withUid('{"__proto__":{"a":1}}}}'), 400],
    ['no object', JSON.stringify(review('u-1', null)), 400],
    ['one byte too long', withUid(`"${'x'.repeat(BODY_LIMIT)}"}}`), 413],
    ['much too long', withUid(`"${'x'.repeat(2 * BODY_LIMIT)}"}}`), 413],
  ])('%s: a denial with the uid', async (_name, body, expected) => {
    const { port } = await listening();
    const { code, json } = await send({ port, body });
    expect([code, json.response.uid, json.response.allowed]).toEqual([200, 'u-1', false]);
    expect(json.response.status.code).toBe(expected);
  });

  test.each([
    ['no uid', '{"request":{}}', 'application/json', 400],
    ['nothing', '', null, 400],
    ['not JSON', 'hello', 'application/json; charset=utf-8', 400],
    ['too long', 'x'.repeat(BODY_LIMIT + 1), 'application/json', 413],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
  ])('without a uid, %s is a 4xx', async (_name, body, type, expected) => {
    const { port } = await listening();
    const { code, json } = await send({ port, body, type });
    expect(code).toBe(expected);
    expect(json).toEqual({ error: expect.any(String) });
  });

  test.each([[null], ['text/plain'], ['Application/JSON;charset=utf-8'], ['///;;']])(
    'a review is answered whatever its content type says: %s',
    async (type) => {
      const { port } = await listening();
      expect(await send({ port, body: BODY, type })).toMatchObject({
        code: 200,
        json: { response: { uid: 'u-1' } },
      });
    },
  );

  test('any body that begins with a readable uid gets HTTP 200 with that uid', async () => {
    const { port } = await listening();
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    const tail = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.json().map((json) => `,"object":${json}}}`),
      fc.jsonValue().map((value) => `,"operation":"UPDATE","kind":${JSON.stringify(value)}}}`),
      fc.constantFrom('}}', '', ',"__proto__":{}}}', ',"uid":"other"}}', '"'.repeat(40), '\\'.repeat(9)),
    );
    await fc.assert(
      fc.asyncProperty(fc.uuid(), tail, fc.constantFrom('/mutate', '/validate'), async (uid, rest, path) => {
        const { code, json } = await send({ port, path, agent, body: `{"request":{"uid":"${uid}"${rest}` });
        expect([code, json.response.uid, json.kind]).toEqual([200, uid, 'AdmissionReview']);
      }),
      { numRuns: 300 },
    );
  });
});

describe('paths and ports', () => {
  test.each(['/', '/healthz', '/readyz', '/metrics', '/mutate/', '/validating'])(
    'the webhook has no %s',
    async (path) => {
      const { port } = await listening();
      expect((await send({ port, path, method: 'GET' })).code).toBe(404);
      expect((await send({ port, path, body: BODY })).code).toBe(404);
    },
  );

  test('operations: health, readiness with its reasons, metrics; no reviews', async () => {
    let reasons = ['still listing runtimes'];
    const { port, opsPort } = await listening({ notReady: async () => reasons });
    await send({ port, body: BODY });
    expect(await plainGet(opsPort, '/healthz')).toEqual({ code: 200, body: 'ok\n' });
    expect(await plainGet(opsPort, '/readyz')).toEqual({ code: 503, body: 'still listing runtimes\n' });
    reasons = [];
    expect((await plainGet(opsPort, '/readyz')).code).toBe(200);
    const { body } = await plainGet(opsPort, '/metrics');
    expect(body).toContain('headcount_decisions_total{phase="validate",decision="allow"} 1');
    expect((await plainGet(opsPort, '/validate')).code).toBe(404);
  });
});

describe('load', () => {
  test('past the cap: 429 with Retry-After before the body is read, and counted', async () => {
    const { port, opsPort } = await listening({ judge: never, limits: { requests: 2, deadline: 400 } });
    const waiting = [1, 2].map((n) => send({ port, body: JSON.stringify(review(`u-${n}`)) }));
    await sleep(150);
    const { code, headers } = await send({ port, body: BODY });
    expect([code, headers['retry-after']]).toEqual([429, '1']);
    await Promise.all(waiting);
    expect((await plainGet(opsPort, '/metrics')).body).toContain('headcount_shed_total 1');
    expect((await send({ port, body: BODY })).code).toBe(200);
  });

  test('bytes in flight are capped too', async () => {
    const { port } = await listening({ limits: { bytes: 8 * BODY.length } });
    expect((await send({ port, body: BODY + ' '.repeat(8 * BODY.length) })).code).toBe(429);
    expect((await send({ port, body: BODY })).code).toBe(200);
  });

  test('a client that gives up gives its place back, and is no bug of ours', async () => {
    const { port, lines } = await listening({ limits: { requests: 1 }, judge: never });
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      socket.write(`POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
      socket.write('POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    });
    await sleep(150);
    expect((await send({ port, body: BODY })).code).toBe(429);
    socket.destroy();
    await sleep(150);
    expect((await send({ port, body: '{"request":{"uid":"u-2"}}' })).code).toBe(200);
    expect(lines.filter((line) => line.includes('internal error'))).toEqual([]);
  });

  test('a connection on which nothing was asked yet is kept, as one between two requests is', async () => {
    const { port } = await listening();
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const got: string[] = [];
    socket.on('data', (data) => got.push(String(data)));
    await sleep(4_200);
    expect(got).toEqual([]);
    socket.write(`POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
    await once(socket, 'data');
    expect(got.join('')).toMatch(/^HTTP\/1.1 200 /);
    // The next request is closed if it is too slow.
    socket.write('POST /val');
    await once(socket, 'close');
    expect(got.join('')).toMatch(/HTTP\/1.1 408 /);
  });

  test('a client that never sends its headers is closed', async () => {
    const { port } = await listening();
    const began = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () =>
        socket.write('POST /val'),
      );
      socket
        .on('close', () => resolve())
        .on('error', () => {})
        .resume();
    });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

function negotiated(port: number, options: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      resolve(`${socket.getProtocol()} ${String(socket.alpnProtocol)}`);
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
  });
}

async function folder(first: Pair): Promise<{ directory: string; put: (next: Pair) => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'headcount-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const put = async ({ cert, key }: Pair): Promise<void> => {
    await writeFile(join(directory, 'tls.crt'), cert);
    await writeFile(join(directory, 'tls.key'), key);
  };
  await put(first);
  return { directory, put };
}

describe('TLS', () => {
  test('1.3 preferred, 1.2 the floor, http/1.1 only; the same after a change of certificate', async () => {
    const { port, webhook } = await listening();
    for (let round = 0; round < 2; round++) {
      expect(await negotiated(port, { ALPNProtocols: ['h2', 'http/1.1'] })).toBe('TLSv1.3 http/1.1');
      expect(await negotiated(port, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 false');
      expect(await negotiated(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' })).toBe(
        'refused',
      );
      expect(
        await negotiated(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
      ).toBe('refused');
      webhook.server.setSecureContext(tlsOptions(otherPair));
    }
  });

  test('a new pair is served on new connections, kept ones live on, a bad one changes nothing', async () => {
    const { directory, put } = await folder(pair);
    const rejected: string[] = [];
    const source = certificateFiles({
      directory,
      interval: 20,
      onRejected: (problem) => void rejected.push(problem),
    });
    const { port, webhook } = await listening({ certificate: await source.start() });
    source.onChange((next) => webhook.server.setSecureContext(tlsOptions(next)));
    cleanups.push(() => source.stop());
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => kept.destroy());
    const before = await send({ port, body: BODY, agent: kept });

    await put(otherPair);
    await sleep(300);
    const fresh = await send({ port, body: BODY });
    expect(fresh.fingerprint).not.toBe(before.fingerprint);
    expect(await send({ port, body: BODY, agent: kept })).toMatchObject({
      code: 200,
      fingerprint: before.fingerprint,
    });

    rejected.length = 0;
    for (const bad of [
      { cert: pair.cert, key: otherPair.key },
      { cert: '', key: '' },
      { cert: pair.cert.slice(0, 300), key: pair.key },
    ]) {
      await put(bad);
      await sleep(300);
      expect(await send({ port, body: BODY })).toMatchObject({ code: 200, fingerprint: fresh.fingerprint });
    }
    expect(rejected.length).toBeGreaterThanOrEqual(3);
    expect(source.healthy()).toBe(true);
  });

  test('what is wrong with a pair', () => {
    const now = Date.now();
    expect(problemWith(pair, now)).toBeNull();
    expect(problemWith({ ...pair, key: otherPair.key }, now)).toContain('not the one');
    expect(problemWith(pair, now - 7_200_000)).toContain('not valid before');
    expect(problemWith(pair, now + 366 * 86_400_000)).toContain('ran out');
    expect(problemWith({ cert: 'x', key: 'y' }, now)).toContain('not PEM');
  });

  test('no certificate at all is no start', async () => {
    const { directory } = await folder({ cert: '', key: '' });
    await expect(certificateFiles({ directory }).start()).rejects.toThrow(`no certificate in ${directory}`);
  });
});

function start(overrides: Partial<ServeOptions> = {}) {
  const text = { out: '', err: '' };
  const signals = new EventEmitter();
  const code = serve(
    {
      cluster: clusterOf(),
      config: () => configOf({ log: { level: 'info' } }),
      version: 'test',
      port: 0,
      opsPort: 0,
      offline: true,
      signals,
      ...overrides,
    },
    {
      stdout: { write: (line: string) => (text.out += line) },
      stderr: { write: (line: string) => (text.err += line) },
    },
  );
  return { text, signals, code };
}

async function portsOf(text: { readonly err: string }): Promise<{ port: number; opsPort: number }> {
  for (let wait = 0; !text.err.includes('\n') && wait < 200; wait++) await sleep(20);
  const [port, opsPort] = [...text.err.matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1]));
  return { port: port ?? 0, opsPort: opsPort ?? 0 };
}

describe('serve', () => {
  test('says where, is ready, judges, drains and ends with 0', async () => {
    const { text, signals, code } = start({ drainSeconds: 0.5 });
    const { port, opsPort } = await portsOf(text);
    expect(text.err).toMatch(
      /^headcount serving https:\S+ \(\/mutate, \/validate\) and http:\S+ \(.*\/metrics\)\n$/,
    );
    expect(await plainGet(opsPort, '/readyz')).toEqual({ code: 200, body: 'ok\n' });
    expect((await send({ port, body: BODY })).json.response.uid).toBe('u-1');

    signals.emit('SIGTERM');
    await sleep(50);
    expect(await plainGet(opsPort, '/readyz')).toEqual({ code: 503, body: 'shutting down\n' });
    const kept = new Agent({ keepAlive: true });
    const { code: status, headers } = await send({ port, body: BODY, agent: kept });
    expect([status, headers['connection']]).toEqual([200, 'close']);
    expect(await code).toBe(0);
    await expect(send({ port, body: BODY })).rejects.toThrow('ECONNREFUSED');
  });

  test('answers a request that arrives on an idle connection while the drain ends', async () => {
    const { text, signals, code } = start({ drainSeconds: 0.3 });
    const { port } = await portsOf(text);
    const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(client, 'secureConnect');
    const asked = `POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`;
    client.write(asked);
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /);

    signals.emit('SIGTERM');
    await sleep(100);
    // The turn that follows begins with the timers, and the drain is one of them.
    await nextTurn();
    client.write(asked);
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil);
    const answer = String((await once(client, 'data'))[0]);
    expect(answer).toMatch(/^HTTP\/1.1 200 .*connection: close/is);
    expect(await code).toBe(0);
  });

  test('a second signal ends at once', async () => {
    const { text, signals, code } = start({ drainSeconds: 60 });
    await portsOf(text);
    signals.emit('SIGTERM');
    signals.emit('SIGINT');
    const began = performance.now();
    expect(await code).toBe(0);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('is not ready before the cluster is, nor with a certificate that ran out', async () => {
    let waiting = ['runtimes not listed yet'];
    let healthy = true;
    const certificates = {
      start: async () => pair,
      current: () => pair,
      onChange: () => {},
      healthy: () => healthy,
      status: () => ({ leafExpires: 1, caExpires: null, trusted: null }),
      stop: () => {},
    };
    const cache = { start: async () => {}, stop: () => {}, notReady: () => waiting, state: () => [] };
    const { text, signals, code } = start({ cache, certificates: () => certificates });
    const { opsPort } = await portsOf(text);
    expect(await plainGet(opsPort, '/readyz')).toEqual({ code: 503, body: 'runtimes not listed yet\n' });
    waiting = [];
    healthy = false;
    expect(await plainGet(opsPort, '/readyz')).toEqual({ code: 503, body: 'the certificate is not valid\n' });
    signals.emit('SIGTERM');
    await code;
  });

  test('a taken port and a missing certificate are one line and exit code 2', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => other.close());
    await sleep(20);
    const { port } = other.address() as AddressInfo;
    const taken = start({ port });
    expect(await taken.code).toBe(2);
    expect(taken.text.err).toMatch(/^headcount: port \d+ on 127\.0\.0\.1 is taken: .*--port.*\n$/);
    const missing = start({ certDir: '/nowhere' });
    expect(await missing.code).toBe(2);
    expect(missing.text.err).toMatch(/^headcount: no certificate in \/nowhere: .*tls\.crt\n$/);
  });
});
