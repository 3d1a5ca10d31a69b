/** Flux's engine (test/flux) on a test cluster. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { flux } from './binaries.ts';
import type { TestCluster } from './cluster.ts';

/** What became of one object of a sync; for `diff` also which fields differ from what the cluster has. */
export interface Result {
  readonly subject: string;
  readonly action: 'created' | 'configured' | 'unchanged' | 'deleted';
  readonly fields?: readonly string[];
}

/**
 * @param command `diff`, or `apply` with a file of an earlier revision where what only that has is to be pruned
 * @param manifests what is in Git, as YAML documents
 * @throws with what the engine says
 */
export async function runFlux(
  cluster: TestCluster,
  command: readonly ['diff'] | readonly ['apply', ...string[]],
  manifests: string,
): Promise<readonly Result[]> {
  const child = spawn(flux(), [cluster.kubeconfig('admin'), ...command]);
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  child.stdin.end(manifests);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(text.err);
  return text.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
