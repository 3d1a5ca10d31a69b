/**
 * What the pages show of a cluster: every `cluster` block of the README and docs/, run by the real kubectl and helm in front
 * of a real API server that asks headcount. One page after the other; each begins with the guide's claim and runtime.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocksOf, pages } from '../docs/pages.ts';
import { isShown, Shell, stepsOf, writeInto } from '../docs/shell.ts';
import { binaries, helm } from './cluster/binaries.ts';
import { register, registered } from './cluster/headcount.ts';
import { version, World } from './world.ts';

let world: World;
let shell: Shell;
const bin = mkdtempSync(join(tmpdir(), 'headcount-docs-bin-'));

beforeAll(async () => {
  world = await World.start();
  symlinkSync(binaries(version()).kubectl, join(bin, 'kubectl'));
  symlinkSync(helm(), join(bin, 'helm'));
  shell = new Shell([bin], { KUBECONFIG: world.cluster.kubeconfig('admin') });
  await world.must(['apply', '-f', 'demo/catalog/claim.yaml']);
  // Nobody provides volumes here.
  const bound = JSON.stringify({ status: { phase: 'Bound' } });
  await world.must(['patch', 'pvc', 'llama-3-8b-pvc', '--subresource=status', '--type=merge', '-p', bound]);
});
afterAll(async () => {
  shell?.remove();
  rmSync(bin, { recursive: true });
  await world?.stop();
});

const shown = pages().map(
  (page) =>
    [page, blocksOf(page).filter(({ language, kind }) => language !== 'yaml' && kind === 'cluster')] as const,
);

describe.each(shown.filter(([, blocks]) => blocks.length > 0))('%s', (page, blocks) => {
  // The page before may have ended with the glass broken.
  beforeAll(async () => {
    await register(world.cluster, world.headcount);
    await registered(world.cluster);
  });
  afterAll(async () => {
    const path = '/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices';
    await world.cluster.call('DELETE', path);
  });

  test.each(blocks.flatMap(stepsOf).map((step) => [step.command, step] as const))(
    '%s',
    async (_name, step) => {
      const { code, text } = await shell.run(step.command);
      if (step.shown === null) expect([code, text]).toEqual([0, expect.any(String)]);
      else if (!writeInto(page, step, text) && !isShown(step.shown, text)) expect(text).toBe(step.shown);
    },
  );
});
