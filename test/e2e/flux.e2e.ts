/**
 * GitOps with a real program: Flux's own server-side apply, drift detection and pruning (test/flux) on the demo's
 * manifests and on what `headcount render` makes of them, in front of a real API server that asks headcount.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { MUTATION_MODE } from '../../src/kserve/annotations.ts';
import type { Loose } from '../rules/cases.ts';
import { PROGRAM } from '../support/program.ts';
import { runFlux, type Result } from './cluster/flux.ts';
import { World } from './world.ts';

const DEMO = join(import.meta.dirname, '../../demo/manifests');
/** Those of the demo that are admitted. */
const ADMITTED = ['guide-case-1', 'guide-case-2', 'guide-case-3', 'guide-example'];

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.must(['apply', '-f', join(DEMO, '../catalog/claim.yaml')]);
});
afterEach(() =>
  world.cluster.call('DELETE', '/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices'),
);
afterAll(() => world?.stop());

const run = (command: Parameters<typeof runFlux>[1], manifests: string): Promise<readonly Result[]> =>
  runFlux(world.cluster, command, manifests);

/** What is in Git: manifests with their namespace, as kustomize-controller wants it. */
function git(change: (object: Loose) => void = () => {}, names: readonly string[] = ADMITTED): string {
  const documents = names.map((name) => {
    const object = parse(readFileSync(join(DEMO, `${name}.yaml`), 'utf8'));
    object.metadata.namespace = 'default';
    change(object);
    return stringify(object);
  });
  return documents.join('---\n');
}

function rendered(manifests: string): string {
  const args = [PROGRAM, 'render', '-', '--catalog', join(DEMO, '../catalog')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    input: manifests,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const actions = (results: readonly Result[]): readonly string[] => results.map(({ action }) => action);
const all = (action: string): readonly string[] => ADMITTED.map(() => action);

async function generations(): Promise<readonly number[]> {
  const path = '/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices';
  const { body } = await world.cluster.call('GET', path);
  return body.items.map(({ metadata }: Loose) => metadata.generation);
}

const fill = (object: Loose): void => {
  object.metadata.annotations = { ...object.metadata.annotations, [MUTATION_MODE]: 'fill' };
};

/** The change itself, and what goes with it: the generation in two env values of the worker, and the record of them. */
const DRIFTED = [
  'metadata.annotations.headcount.dev/applied',
  'spec.predictor.model.storageUri',
  'spec.predictor.workerSpec.containers',
];

describe.each<[string, () => string]>([
  ['mode full', () => git()],
  ['mode fill', () => git(fill)],
  ['rendered manifests', () => rendered(git())],
])('%s', (_what, manifests) => {
  test('applied once, no drift, applied again to no effect', async () => {
    const wanted = manifests();
    expect(actions(await run(['apply'], wanted))).toEqual(all('created'));
    expect(await run(['diff'], wanted)).toEqual(
      ADMITTED.map(() => ({ subject: expect.any(String), action: 'unchanged' })),
    );
    expect(actions(await run(['apply'], wanted))).toEqual(all('unchanged'));
    expect(await generations()).toEqual(ADMITTED.map(() => 1));
  });

  test('what somebody changed by hand is a drift, and is put back', async () => {
    const wanted = manifests();
    await run(['apply'], wanted);
    const change = [
      { op: 'replace', path: '/spec/predictor/model/storageUri', value: 'pvc://llama-3-8b-pvc/other' },
    ];
    await world.must(['patch', 'isvc', 'case-1', '--type=json', '-p', JSON.stringify(change)]);
    const drift = (await run(['diff'], wanted)).filter(({ action }) => action !== 'unchanged');
    expect(drift).toEqual([
      {
        subject: expect.stringContaining('case-1'),
        action: 'configured',
        fields: DRIFTED,
      },
    ]);
    await run(['apply'], wanted);
    expect(actions(await run(['diff'], wanted))).toEqual(all('unchanged'));
  });
});

test('what is no more in Git is pruned', async () => {
  const earlier = join(world.cluster.directory, 'earlier.yaml');
  writeFileSync(earlier, git());
  await run(['apply'], git());
  const rest = ADMITTED.slice(1);
  const results = await run(
    ['apply', earlier],
    git(() => {}, rest),
  );
  expect(actions(results)).toEqual([...rest.map(() => 'unchanged'), 'deleted']);
  expect(await generations()).toEqual(rest.map(() => 1));
});

test('a manifest that headcount refuses is the error of the dry run, and nothing of the sync is applied', async () => {
  const refused = readdirSync(DEMO)
    .map((name) => name.replace('.yaml', ''))
    .filter((name) => !ADMITTED.includes(name));
  for (const name of refused) {
    await expect(
      run(
        ['apply'],
        git(() => {}, ['guide-case-1', name]),
      ),
    ).rejects.toThrow(/is invalid:/);
  }
  expect(await generations()).toEqual([]);
});
