/** `kubectl headcount`: found, run and completed by the real kubectl, about services that the cluster holds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { binaries } from './cluster/binaries.ts';
import { manifest, multiNode, version, World } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');
/** As npm installs them: a program for each name of package.json's `bin`. */
const bin = mkdtempSync(join(tmpdir(), 'headcount-bin-'));

let world: World;
beforeAll(async () => {
  for (const [name, entry] of [
    ['kubectl-headcount', 'kubectl-headcount.ts'],
    ['kubectl_complete-headcount', 'kubectl-complete.ts'],
  ] as const) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'src', entry)}' "$@"\n`);
    chmodSync(path, 0o755);
  }
  world = await World.start({ namespaces: ['team'] });
  await world.createClaim('team', 'models', 'ReadWriteMany');
  const { status } = await world.create(
    multiNode('llama', ({ spec }) => (spec.predictor.workerSpec.pipelineParallelSize = 3)),
  );
  expect(status).toBe(201);
});
afterAll(async () => {
  await world?.stop();
  rmSync(bin, { recursive: true });
});

/** kubectl passes no flags on to a plugin, so the cluster comes from $KUBECONFIG. */
async function kubectl(
  args: readonly string[],
  stdin = '',
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(binaries(version()).kubectl, args, {
    cwd: bin,
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: world.cluster.directory,
      KUBECONFIG: world.cluster.kubeconfig('admin'),
    },
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...text };
}

test('kubectl lists it', async () => {
  const { out } = await kubectl(['plugin', 'list']);
  expect(out).toContain(join(bin, 'kubectl-headcount'));
});

test.each([
  ['its name', 'llama'],
  ['kind and name', 'isvc/llama'],
  ['the full name of the kind', 'inferenceservices.serving.kserve.io/llama'],
])('plan of a service by %s', async (_what, named) => {
  const { code, out, err } = await kubectl(['headcount', 'plan', named, '-n', 'team']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(
    'team/llama   TP 8 x PP 3 = 24 GPUs on 3 pods (ray, runtime kserve-huggingfaceserver-multinode)',
  );
  // The claim was asked of the cluster too.
  expect(out).toContain('pvc://models/llama (ReadWriteMany)');
});

test('what a manifest would change about the service that is there', async () => {
  const change = multiNode('llama', ({ spec }) => (spec.predictor.workerSpec.pipelineParallelSize = 2));
  const { out } = await kubectl(
    ['headcount', 'plan', '-', '--before', 'isvc/llama', '-n', 'team'],
    JSON.stringify(change),
  );
  expect(out).toContain(
    'changed: 24 GPUs on 3 pods before, 16 GPUs on 2 pods after, 40 GPUs at the peak of the roll-out',
  );
});

test('a manifest from standard input', async () => {
  const { code, out } = await kubectl(
    ['headcount', 'plan', '-', '-o', 'json'],
    JSON.stringify(manifest('guide-case-1')),
  );
  expect(code).toBe(0);
  expect(JSON.parse(out).services).toMatchObject([{ name: 'case-1', nodes: 2 }]);
});

test('audit of a namespace', async () => {
  const { code, out, err } = await kubectl(['headcount', 'audit', '-n', 'team', '-o', 'json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out).services).toMatchObject([{ namespace: 'team', name: 'llama', nodes: 3 }]);
});

test('a service that is not there, and wrong use, in its own name', async () => {
  expect(await kubectl(['headcount', 'plan', 'nobody', '-n', 'team'])).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^kubectl headcount plan: cannot read nobody in namespace team: .*"nobody" not found.*\n$/,
    ),
  });
  expect((await kubectl(['headcount', 'plan'])).err).toContain('(see kubectl headcount plan --help)');
  expect((await kubectl(['headcount', '--help'])).out).toMatch(/^Usage: kubectl headcount COMMAND/m);
});

test("kubectl's own completion asks it", async () => {
  const offered = async (...words: readonly string[]): Promise<string[]> => {
    const { out } = await kubectl(['__complete', 'headcount', ...words]);
    return out.split('\n').map((line) => line.split('\t')[0] ?? '');
  };
  expect(await offered('pl')).toEqual(['plan', ':4', '']);
  expect(await offered('lint', '-o', 'sa')).toEqual(['sarif', ':4', '']);
  expect(await offered('plan', '--before', '')).toEqual([':0', '']);
  expect(await offered('plan', '-n', 'team', 'isvc/ll')).toEqual(['isvc/llama', ':4', '']);
  expect(await offered('plan', '-n', 'team', '--before=isvc/')).toEqual(['--before=isvc/llama', ':4', '']);
  expect(await offered('plan', '-n', 'nowhere', 'isvc/')).toEqual([':4', '']);
});
