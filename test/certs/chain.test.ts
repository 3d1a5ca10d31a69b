/** What we issue, judged by others: OpenSSL at its strictest, and Go, in which API servers are written. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { certificateFiles } from '../../src/certs/files.ts';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import { localhostCertificate } from '../../src/certs/localhost.ts';
import { problemWith, type Pair } from '../../src/certs/source.ts';
import { foreignBundle, NAMES } from '../support/certs-world.ts';

const ROOT = join(import.meta.dirname, '../..');
const DAY = 86_400_000;
const NAME = 'headcount.kserve.svc';
const run = promisify(execFile);

let folder: string;
let ca: Pair;
let leaf: Pair;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headcount-'));
  ca = await issueCa(Date.now(), 365 * DAY);
  leaf = await issueLeaf(ca, NAMES, Date.now(), Date.now() + 90 * DAY);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns what `openssl verify -x509_strict` says about a leaf for an API server's call */
function strictly(caPem: string, leafPem: string, name = NAME): string {
  writeFileSync(join(folder, 'ca.crt'), caPem);
  writeFileSync(join(folder, 'leaf.crt'), leafPem);
  const options = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', name];
  const args = ['verify', ...options, '-CAfile', 'ca.crt', 'leaf.crt'];
  const { error, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw new Error('this test needs openssl on the PATH', { cause: error });
  return stdout + stderr;
}

describe('openssl verify -x509_strict', () => {
  test('accepts CA and leaf, for each name', () => {
    for (const name of NAMES) expect(strictly(ca.cert, leaf.cert, name)).toBe('leaf.crt: OK\n');
  });

  test('refuses what selfsigned alone makes, another name, and another CA', async () => {
    const plainCa = await generate([{ name: 'commonName', value: 'plain CA' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, critical: true },
      ],
    });
    const plain = await issueLeaf(
      { cert: plainCa.cert, key: plainCa.private },
      NAMES,
      Date.now(),
      Date.now() + DAY,
    );
    expect(strictly(plainCa.cert, plain.cert)).toMatch(/Missing Subject Key Identifier/);
    expect(strictly(ca.cert, leaf.cert, 'other.svc')).toMatch(/[Hh]ostname mismatch/);
    const other = await issueCa(Date.now(), DAY);
    expect(strictly(other.cert, leaf.cert)).toMatch(/unable to get local issuer certificate/);
  });
});

test('a CA may sign leaves, and no other CA', async () => {
  const { stdout } = await run('openssl', ['x509', '-noout', '-text', '-in', write('only-ca.crt', ca.cert)]);
  expect(stdout).toContain('CA:TRUE, pathlen:0');
  expect(stdout).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
  expect(stdout).toContain('Signature Algorithm: ecdsa-with-SHA256');
});

test('the check of a pair compares the leaf with the names that it must serve', async () => {
  expect(problemWith(leaf, Date.now(), NAMES)).toBeNull();
  expect(problemWith(leaf, Date.now(), [...NAMES, 'other.svc'])).toBe('the certificate is not for other.svc');
  const localhost = localhostCertificate();
  expect(problemWith(await localhost.start(), Date.now(), ['localhost'])).toBeNull();
  expect(problemWith(await localhost.start(), Date.now(), [NAME])).toBe(`the certificate is not for ${NAME}`);
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const go = spawnSync('go', ['version'], { encoding: 'utf8' });
const trusts = 'a Go client trusts the leaf by a bundle of foreign, old and new CAs, and by nothing less';
if (go.status === 0) {
  test(trusts, async () => {
    const client = join(folder, 'handshake');
    await run('go', ['build', '-o', client, './handshake'], { cwd: join(ROOT, 'test/tools/go') });
    const other = await issueCa(Date.now(), DAY);
    const foreign = await foreignBundle();

    const server = createServer({ cert: leaf.cert, key: leaf.key }, (socket) => socket.on('error', () => {}));
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dial = async (bundle: string, name = NAME): Promise<string> => {
      const child = spawn(client, [`127.0.0.1:${port}`, name]);
      child.stdin.end(bundle);
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      await once(child, 'close');
      return text;
    };

    const bundles = [ca.cert, other.cert + ca.cert, ca.cert + other.cert + foreign, foreign + ca.cert];
    for (const bundle of bundles) expect(await dial(bundle)).toMatch(/^trusted: CN=headcount,/);
    for (const name of NAMES) expect(await dial(ca.cert, name)).toMatch(/^trusted/);
    expect(await dial(other.cert + foreign)).toMatch(/signed by unknown authority/);
    expect(await dial(ca.cert, 'other.svc')).toMatch(/not other\.svc/);
    expect(await dial('')).toBe('no certificate in the bundle\n');
    server.close();
  });
} else {
  console.warn(`NOT CHECKED, because there is no Go on the PATH: ${trusts}`);
  test.skip(trusts, () => {});
}

test('npm run certs writes a CA and a pair that can serve localhost', async () => {
  const target = join(folder, 'localhost');
  const { stdout } = await run(process.execPath, [join(ROOT, 'certs/make.ts'), target]);
  expect(stdout).toContain('tls.key for localhost');
  expect(statSync(join(target, 'tls.key')).mode & 0o077).toBe(0);
  const source = certificateFiles({ directory: target, names: ['localhost'] });
  const { cert, key } = await source.start();
  source.stop();
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const trusted = readFileSync(join(target, 'ca.crt'));
  for (const host of ['127.0.0.1', 'localhost']) {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: host === 'localhost' ? host : '',
      ca: trusted,
    });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
  server.close();
});
