/** Clients must show a certificate: who is heard, before and after the CA of the clients is replaced. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { clientCa } from '../../src/certs/client-ca.ts';
import { issueCa } from '../../src/certs/issue.ts';
import { localhostCertificate } from '../../src/certs/localhost.ts';
import type { Pair } from '../../src/certs/source.ts';
import { serve } from '../../src/server/serve.ts';
import { clusterOf, configOf, requestFor } from '../support/helpers.ts';
import { minimalService } from '../rules/cases.ts';

const directory = mkdtempSync(join(tmpdir(), 'headcount-client-ca-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'ca.crt');
const HOUR = 3_600_000;

async function client(): Promise<{ readonly ca: string; readonly pair: Pair }> {
  const ca = await issueCa(Date.now(), HOUR);
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    extensions: [{ name: 'extKeyUsage', clientAuth: true }],
  });
  return { ca: ca.cert, pair: { cert, key } };
}

/** @returns the HTTP status, or the code of the error that ended the connection */
async function post(port: number, pair?: Pair): Promise<number | string> {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: requestFor(minimalService()),
  };
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: '/validate',
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        ...pair,
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end(JSON.stringify(review));
  });
}

test('only clients of the CA are heard, and a new CA takes effect without a restart', async () => {
  const [first, second] = [await client(), await client()];
  writeFileSync(path, first.ca);
  const signals = new EventEmitter();
  let err = '';
  const code = serve(
    {
      cluster: clusterOf(),
      config: () => configOf({ log: { level: 'silent' } }),
      version: 'test',
      port: 0,
      opsPort: 0,
      offline: true,
      signals,
      certificates: () => localhostCertificate(),
      clientCa: await clientCa(path, 20),
    },
    { stdout: { write: () => true }, stderr: { write: (text: string) => (err += text) } },
  );
  while (!err.includes('\n')) await sleep(10);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(err)?.[1]);
  const refused = /^ERR_SSL|ECONNRESET|EPIPE/;

  expect(await post(port, first.pair)).toBe(200);
  expect(String(await post(port, second.pair))).toMatch(refused);
  expect(String(await post(port))).toMatch(refused);

  writeFileSync(path, 'garbage');
  await sleep(100);
  expect(await post(port, first.pair)).toBe(200);

  writeFileSync(path, second.ca);
  for (let wait = 0; wait < 100 && (await post(port, second.pair)) !== 200; wait++) await sleep(20);
  expect(await post(port, second.pair)).toBe(200);
  expect(String(await post(port, first.pair))).toMatch(refused);
  signals.emit('SIGTERM');
  expect(await code).toBe(0);
});

test('a file without a certificate is no start', async () => {
  writeFileSync(path, 'garbage');
  await expect(clientCa(path)).rejects.toThrow(`no certificate in ${path}`);
});
