/** The servers that are measured: headcount as it ships, bare Fastify, and bare node:https. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shipped } from '../packaging/shipped.ts';
import type { Loose } from '../test/rules/cases.ts';
import { startFakeApi } from './fake-api.ts';
import { freePort } from '../test/support/port.ts';
import { Process } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = process.env['HEADCOUNT_PROGRAM'] ?? join(ROOT, 'dist/bundle/main.js');

export interface Measured {
  readonly process: Process;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface Headcount extends Measured {
  /** Milliseconds from its start to /readyz, with the first list of runtimes. */
  readonly ready: number;
  /** Bytes that JavaScript holds now: live objects, those not yet collected, and buffers. */
  readonly held: () => Promise<number>;
}

/** Differences from the shipped start. */
interface Variant {
  /** More flags for Node. */
  readonly flags?: readonly string[];
  readonly program?: string;
}

/**
 * @param named the runtimes that the measured services name
 * @param others how many more the cluster has
 * @param directory with tls.crt and tls.key
 */
export async function startHeadcount(
  named: readonly Loose[],
  others: number,
  directory: string,
  { flags = [], program = PROGRAM }: Variant = {},
): Promise<Headcount> {
  const api = await startFakeApi(named, others);
  const kubeconfig = join(directory, `kubeconfig-${others}`);
  writeFileSync(kubeconfig, api.kubeconfig);
  const [port, opsPort] = [await freePort(), await freePort()];
  const serving = ['--kubeconfig', kubeconfig, '--cert-dir', directory];
  const ports = ['--host', '127.0.0.1', '--port', String(port), '--ops-port', String(opsPort)];
  const own = shipped();
  const server = new Process(
    [...own.flags, ...flags, program, 'serve', ...serving, ...ports],
    own.environment,
  );
  const ops = `http://127.0.0.1:${opsPort}`;
  const ready = await server.until(async () => (await fetch(`${ops}/readyz`)).ok);
  return {
    process: server,
    url: `https://127.0.0.1:${port}`,
    ready,
    async held() {
      const text = await (await fetch(`${ops}/metrics`)).text();
      const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
      return gauge('nodejs_heap_size_used_bytes') + gauge('nodejs_external_memory_bytes');
    },
    async stop() {
      await server.stop();
      api.stop();
    },
  };
}

/** @param name of a file beside this one, which takes a port and says "listening" */
export async function startBare(
  name: 'bare-fastify' | 'bare-https',
  flags: readonly string[] = [],
): Promise<Measured> {
  const port = await freePort();
  const server = new Process([...flags, join(import.meta.dirname, `${name}.ts`), String(port)]);
  await server.until(() => server.says('listening'));
  return { process: server, url: `https://127.0.0.1:${port}`, stop: () => server.stop() };
}
