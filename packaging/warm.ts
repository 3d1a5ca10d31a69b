/**
 * Fills the image's compile cache: runs each kind of command once and lets it end by itself, since Node writes the cache
 * at the end of a process. It needs no cluster: `serve` loads all its code before it waits for one. The commands have the
 * flags of Node that this script is run with, which must be the image's: V8 takes no code that was compiled under others.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../.compile-cache');
const PROGRAM = join(import.meta.dirname, '../dist/bundle/main.js');
/** An address where nothing answers. */
const KUBECONFIG = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'none',
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
  clusters: [{ name: 'none', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'none', user: { token: 'none' } }],
};

/** Runs a command until its output matches, then ends it. */
async function warm(args: readonly string[], until: RegExp | null): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...args], {
    env: { NODE_COMPILE_CACHE: CACHE },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (until?.test(text)) child.kill('SIGTERM');
    });
  }
  child.stdin.end();
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`headcount ${args.join(' ')} ended with ${code}: ${text}`);
}

const directory = mkdtempSync(join(tmpdir(), 'headcount-warm-'));
try {
  const kubeconfig = join(directory, 'kubeconfig');
  const config = join(directory, 'config.yaml');
  writeFileSync(kubeconfig, JSON.stringify(KUBECONFIG));
  writeFileSync(config, JSON.stringify({ apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig' }));
  const anyPorts = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--config', config];
  await warm(['explain', 'runtime'], null);
  await warm(['serve', '--offline', ...anyPorts], /headcount serving/);
  await warm(['serve', '--kubeconfig', kubeconfig, ...anyPorts], /certificates not checked/);
} finally {
  rmSync(directory, { recursive: true });
}
// Node makes the files readable by their owner only, and in the image root owns them.
for (const path of readdirSync(CACHE, { recursive: true, encoding: 'utf8' })) {
  const file = join(CACHE, path);
  if (statSync(file).isFile()) chmodSync(file, 0o444);
}
