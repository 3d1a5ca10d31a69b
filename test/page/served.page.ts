/** `headcount page`: on loopback alone, to its own names alone, with the catalogue in the page. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { file, headcount, ROOT } from '../support/cli.ts';
import { FakeApi } from '../support/fake-api.ts';
import { PROGRAM } from '../support/program.ts';
import type { Loose } from '../rules/cases.ts';
import { describeInBrowser, expectNoTrouble, visit, withEditor, expectText } from './browser.ts';

const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

/** @returns the address that it prints, and the process */
async function served(...options: readonly string[]): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [PROGRAM, 'page', ...options], { cwd: ROOT });
  children.push(child);
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const [url] = /^http:\S+(?=\n)/.exec(text) ?? [];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`it ended: ${text}`);
}

async function get(
  url: string,
  host?: string,
  method = 'GET',
): Promise<{ status: number; headers: Loose; text: string }> {
  const outgoing = request(url, {
    method,
    agent: false,
    ...(host !== undefined && { headers: { host } }),
  }).end();
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode, headers: incoming.headers, text };
}

describe('headcount page', () => {
  let url = '';
  let child: ChildProcess;
  beforeAll(async () => {
    ({ url, child } = await served('--catalog', join(ROOT, 'demo/catalog')));
  });

  test('it listens on 127.0.0.1 and nowhere else', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const { port } = new URL(url);
    const others = Object.values(networkInterfaces())
      .flat()
      .filter(
        (address) => address !== undefined && address.address !== '127.0.0.1' && address.family === 'IPv4',
      );
    for (const address of others) {
      const socket = connect(Number(port), address?.address);
      const outcome = await Promise.race([
        once(socket, 'connect').then(() => 'connected'),
        once(socket, 'error').then(() => 'refused'),
      ]).catch(() => 'refused');
      socket.destroy();
      expect([address?.address, outcome]).toEqual([address?.address, 'refused']);
    }
  });

  test.each(['attacker.example', 'attacker.example:80', '127.0.0.1', 'localhost.attacker.example'])(
    'a Host header that is not its own is refused: %j',
    async (host) => {
      const { status, text } = await get(url, host);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain('<html');
    },
  );

  test('localhost is its own name too; other methods and paths are refused', async () => {
    const { port } = new URL(url);
    expect((await get(url, `localhost:${port}`)).status).toBe(200);
    expect((await get(url, undefined, 'POST')).status).toBe(405);
    expect((await get(`${url}../../package.json`)).status).toBe(404);
    expect((await get(`${url}%2e%2e/package.json`)).status).toBe(404);
  });

  test('no other origin reads it, and nobody frames it', async () => {
    const { headers } = await get(url);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
  });

  test('SIGTERM ends it with 0', async () => {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('a port that is taken is told', async () => {
  const { url } = await served();
  const { port } = new URL(url);
  const { code, err } = await headcount(['page', '--port', port]);
  expect([code, err]).toEqual([
    2,
    `headcount page: port ${port} on 127.0.0.1 is taken: choose another with --port\n`,
  ]);
});

describeInBrowser('the served page', (browser) => {
  test('claims of --catalog are known to it', async () => {
    const { url } = await served('--catalog', join(ROOT, 'demo/catalog'));
    const opened = await visit(browser(), `${url}?example=guide-case-1`, {}, [url]);
    await withEditor(opened.page);
    await opened.page.getByRole('button', { name: 'Runtimes and claims' }).click();
    await opened.page.getByRole('button', { name: 'Clear' }).click();
    await expectText(opened.page, '.picture', '(ReadWriteMany)');
    expectNoTrouble(opened);
  });

  test('runtimes, claims and the release of a cluster are known to it, and the cluster is only read', async () => {
    const runtime = structuredClone(BUILTIN_RUNTIME as Loose);
    runtime.metadata = { name: 'of-the-cluster</script>', annotations: {} };
    runtime.spec.workerSpec.pipelineParallelSize = 3;
    const claim: Loose = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'llama-3-8b-pvc', namespace: 'default' },
      spec: { accessModes: ['ReadOnlyMany'] },
    };
    const api = await FakeApi.start([runtime, claim]);
    const { url } = await served('--kubeconfig', file('kubeconfig', api.kubeconfig));
    const opened = await visit(browser(), `${url}?example=guide-case-1`, {}, [url]);
    await withEditor(opened.page);
    await opened.page.getByRole('button', { name: 'Runtimes and claims 3' }).waitFor();
    await opened.page.getByRole('button', { name: 'Runtimes and claims' }).click();
    await opened.page.getByRole('button', { name: 'Clear' }).click();
    await expectText(opened.page, '.picture', '(ReadOnlyMany)');
    expect(api.seen.every((path) => !path.includes('secrets'))).toBe(true);
    api.stop();
    expectNoTrouble(opened);
  });
});
