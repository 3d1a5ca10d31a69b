/** The real process: exit codes, streams, a reader that stops early. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const SERVICE = 'test/fixtures/cli-service.yaml';

async function headcount(
  argv: readonly string[],
  stdin = '',
  stopReading = false,
  flags: readonly string[] = [],
): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, [...flags, 'src/main.ts', ...argv], { cwd: ROOT });
  const chunks = { out: '', err: '' };
  child.stderr.on('data', (data: Buffer) => (chunks.err += data.toString()));
  if (stopReading) child.stdout.destroy();
  else child.stdout.on('data', (data: Buffer) => (chunks.out += data.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, ...chunks };
}

test('data on standard output, nothing on standard error, 0', async () => {
  const { code, out, err } = await headcount(
    ['plan', '-', '-o', 'json'],
    readFileSync(join(ROOT, SERVICE), 'utf8'),
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, services: [{ name: 'llm', nodes: 2 }] });
});

test('denied: 1', async () => {
  expect((await headcount(['lint', 'test/fixtures/cli-denied.yaml'])).code).toBe(1);
});

test('wrong use: 2', async () => {
  const { code, out, err } = await headcount(['plan', '--nonsense']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe("headcount plan: unknown option '--nonsense' (see headcount plan --help)\n");
});

test('a reader that stops early draws no complaint', async () => {
  const { code, err } = await headcount(['plan', SERVICE, '--explain'], '', true);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

/** Loaded before the program: ends it where it opens a connection or looks a name up. */
const NO_NETWORK = `data:text/javascript,${encodeURIComponent(`
  import net from 'node:net';
  import dns from 'node:dns';
  net.Socket.prototype.connect = dns.lookup = () => process.exit(99);
`)}`;

test.each([
  ['plan', SERVICE],
  ['lint', SERVICE],
  ['render', SERVICE],
  ['explain', 'gpu-capacity'],
])('%s opens no connection', async (...argv) => {
  const { code, err } = await headcount(argv, '', false, ['--import', NO_NETWORK]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test('what opens a connection would be found', async () => {
  const audit = ['audit', '--kubeconfig', 'test/fixtures/kubeconfig.yaml'];
  expect((await headcount(audit, '', false, ['--import', NO_NETWORK])).code).toBe(99);
});

test('serve ends with 2 where it can not start', async () => {
  const { code, err } = await headcount([
    'serve',
    '--offline',
    '--cert-dir',
    'nowhere',
    '--port',
    '0',
    '--ops-port',
    '0',
  ]);
  expect(code).toBe(2);
  expect(err).toMatch(/^headcount: [^\n]+\n$/);
});
