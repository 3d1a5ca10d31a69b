/**
 * What headcount reads of the cluster before it judges: runtimes, claims, KServe's ConfigMap, labels of
 * namespaces. Also what a change of a runtime says, and the audit of a whole cluster.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { run } from '../../src/cli/program/run.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { claim, gpus, multiNode, World } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Runtime, claim and service made at once, over and over. */
const TIMES = Number(process.env['HEADCOUNT_E2E_TIMES'] ?? 1_000);

const AT_A_TIME = 4;

let world: World;
beforeAll(async () => {
  world = await World.start({
    namespaces: ['team', 'trusting', 'outside', 'bare'],
    config: { namespaces: { labels: true, exempt: ['outside'] } },
  });
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

function runtime(name: string, change: (object: Loose) => void = () => {}): Loose {
  const object = JSON.parse(JSON.stringify(BUILTIN_RUNTIME));
  object.kind = 'ServingRuntime';
  object.metadata = { name, namespace: 'team' };
  object.spec.supportedModelFormats[0].autoSelect = false;
  change(object);
  return object;
}

const on = (name: string) => (object: Loose) => (object.spec.predictor.model.runtime = name);

/** Waits until headcount's memory has what the API server has. */
async function caughtUp(kind: string, objects: number): Promise<void> {
  for (let wait = 0; wait < 100; wait++) {
    if ((await world.headcount.metric(`headcount_cache_objects{kind="${kind}"}`)) === objects) return;
    await sleep(50);
  }
  throw new Error(`headcount never saw ${objects} objects of kind ${kind}`);
}

/** @returns the rule ids and texts of a refusal; null when the service is admitted */
async function refusal(object: Loose): Promise<{ rules: string[]; message: string } | null> {
  const { status, body } = await world.create(object, '?dryRun=All');
  if (status === 201) return null;
  expect(status).toBe(422);
  return { rules: body.details.causes.map((cause: Loose) => cause.reason), message: body.message };
}

describe('a runtime, a claim and a service made at once', () => {
  test(`through the API: ${TIMES} of ${TIMES}`, async () => {
    const trouble: unknown[] = [];
    const oneAfterAnother = async (from: number): Promise<void> => {
      for (let index = from; index < TIMES; index += AT_A_TIME) {
        const name = `at-once-${index}`;
        await world.createRuntime(runtime(name));
        await world.createClaim('team', name, 'ReadWriteMany');
        const { status, body, warnings } = await world.create(
          multiNode(name, ({ spec }) => {
            spec.predictor.model.runtime = name;
            spec.predictor.model.storageUri = `pvc://${name}/model`;
          }),
        );
        // No controller binds claims here.
        if (status !== 201 || !warnings.every((warning) => warning.includes('is Pending'))) {
          trouble.push({ status, body, warnings });
        }
        // A new runtime is held against every service of its namespace: keep these few.
        await world.remove(name);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, from) => oneAfterAnother(from)));
    await world.cluster.call('DELETE', '/apis/serving.kserve.io/v1alpha1/namespaces/team/servingruntimes');
    expect(trouble).toEqual([]);
  });

  test('as one file, by kubectl', async () => {
    const service = multiNode('one-file', on('one-file'));
    service.spec.predictor.model.storageUri = 'pvc://one-file/model';
    const items = [runtime('one-file'), claim('team', 'one-file', 'ReadWriteMany'), service];
    const { code, err } = await world.kubectl(['apply', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'List',
      items,
    });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^Warning: .* is Pending.*\n$/) });
    await world.must(['delete', 'isvc,servingruntime', '-n', 'team', 'one-file']);
    await caughtUp('ServingRuntime', 0);
  });
});

describe('runtimes', () => {
  test("a namespace's runtime hides the cluster's of the same name", async () => {
    const hiding = runtime('kserve-huggingfaceserver-multinode', ({ spec }) => {
      spec.annotations = { 'multinode/executor-backend': 'mp' };
    });
    await world.createRuntime(hiding);
    await caughtUp('ServingRuntime', 1);
    const service = multiNode('hidden', ({ spec }) => delete spec.predictor.workerSpec.containers);
    const { body } = await world.create(service, '?dryRun=All');
    expect(body.spec.predictor.model.resources).toEqual(gpus(8));
    await world.must(['delete', 'servingruntime', '-n', 'team', hiding.metadata.name]);
    await caughtUp('ServingRuntime', 0);
    const { body: without } = await world.create(service, '?dryRun=All');
    expect(without.spec.predictor.model.resources).toEqual(gpus(1));
  });

  test('auto-selection takes what KServe would: by priority, the namespace before the cluster', async () => {
    const select = (name: string, priority: number, format = 'custom') =>
      runtime(name, ({ spec }) => {
        spec.supportedModelFormats = [{ name: format, version: '1', autoSelect: true, priority }];
        spec.workerSpec.pipelineParallelSize = priority + 1;
      });
    await world.createRuntime(select('low', 1));
    await world.createRuntime(select('high', 3));
    await world.createRuntime({
      ...select('everywhere', 9),
      kind: 'ClusterServingRuntime',
      metadata: { name: 'everywhere' },
    });
    await caughtUp('ServingRuntime', 2);
    await caughtUp('ClusterServingRuntime', 2);
    const { body, warnings } = await world.create(
      multiNode('auto', ({ spec }) => {
        delete spec.predictor.model.runtime;
        spec.predictor.model.modelFormat.name = 'custom';
        delete spec.predictor.workerSpec.pipelineParallelSize;
      }),
      '?dryRun=All',
    );
    expect(body.spec.predictor.workerSpec.pipelineParallelSize).toBe(4);
    expect(warnings.join()).toContain('"high"');
    await world.must(['delete', 'servingruntime', '-n', 'team', '--all']);
    await world.must(['delete', 'clusterservingruntime', 'everywhere']);
  });

  test('a missing, disabled or single-node runtime is refused with its reason', async () => {
    await world.createRuntime(runtime('disabled', ({ spec }) => (spec.disabled = true)));
    await world.createRuntime(runtime('single', ({ spec }) => delete spec.workerSpec));
    expect(await refusal(multiNode('x', on('nowhere')))).toMatchObject({
      rules: ['runtime'],
      message: expect.stringContaining('"nowhere" exists neither in this namespace nor in the cluster'),
    });
    expect(await refusal(multiNode('x', on('disabled')))).toMatchObject({
      message: expect.stringContaining('"disabled" is disabled'),
    });
    expect(await refusal(multiNode('x', on('single')))).toMatchObject({
      message: expect.stringContaining('"single" has no workerSpec'),
    });
    await world.must(['delete', 'servingruntime', '-n', 'team', '--all']);
  });

  test('a change names the services that it re-plans, and taking workerSpec away is refused', async () => {
    await world.createRuntime(runtime('changing', ({ spec }) => (spec.workerSpec.pipelineParallelSize = 2)));
    const service = multiNode('depends', on('changing'));
    delete service.spec.predictor.workerSpec.pipelineParallelSize;
    expect((await world.create(service)).status).toBe(201);
    const patch = async (body: Loose) =>
      world.kubectl([
        'patch',
        'servingruntime',
        '-n',
        'team',
        'changing',
        '--type=merge',
        '--dry-run=server',
        '-p',
        JSON.stringify(body),
      ]);
    const changed = await patch({ spec: { workerSpec: { pipelineParallelSize: 4 } } });
    expect(changed.code).toBe(0);
    expect(changed.err).toMatch(/^Warning: .*team\/depends.*\(runtime-change\)$/m);
    const removed = await patch({ spec: { workerSpec: null } });
    expect(removed.code).toBe(1);
    expect(removed.err).toContain('(runtime)');
    await world.must(['delete', 'isvc', '-n', 'team', 'depends']);
    await world.must(['delete', 'servingruntime', '-n', 'team', 'changing']);
  });
});

describe('claims', () => {
  const using = (name: string) =>
    multiNode('x', ({ spec }) => (spec.predictor.model.storageUri = `pvc://${name}/m`));

  test('one that a single node can mount is refused', async () => {
    await world.createClaim('team', 'single-node', 'ReadWriteOnce');
    expect(await refusal(using('single-node'))).toMatchObject({
      rules: ['storage-claim'],
      message: expect.stringContaining('offers only ReadWriteOnce'),
    });
  });

  test('a missing one is a warning', async () => {
    const { status, warnings } = await world.create(using('absent'), '?dryRun=All');
    expect(status).toBe(201);
    expect(warnings.join()).toContain('claim "absent" does not exist in this namespace');
  });

  test('one that headcount may not read is not checked, which is not missing', async () => {
    const rule = ['get', 'clusterrole', 'headcount', '-o', 'json'];
    const role = JSON.parse(await world.must(rule));
    const without = role.rules.filter(
      ({ resources }: Loose) => !resources.includes('persistentvolumeclaims'),
    );
    await world.must(['replace', '-f', '-'], { ...role, rules: without });
    try {
      let seen: readonly string[] = [];
      for (let wait = 0; wait < 100 && !seen.join().includes('not checked'); wait++) {
        ({ warnings: seen } = await world.create(using('never-read'), '?dryRun=All'));
      }
      expect(seen).toEqual([
        expect.stringContaining('claim "never-read" not checked: headcount may not read it'),
      ]);
    } finally {
      delete role.metadata.resourceVersion;
      await world.must(['replace', '--force', '-f', '-'], role);
    }
  });
});

test("custom GPU types of KServe's ConfigMap are counted", async () => {
  const mig = 'nvidia.com/mig-1g.5gb';
  const service = multiNode('mig', ({ metadata, spec }) => {
    metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify([mig]);
    spec.predictor.workerSpec.containers[0].resources = gpus(8, mig);
  });
  expect(await refusal(service)).toMatchObject({ rules: ['gpu-capacity'] });
  await world.must(['create', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'inferenceservice-config', namespace: 'kserve' },
    data: { multiNode: JSON.stringify({ customGPUResourceTypeList: [mig] }) },
  });
  await caughtUp('ConfigMap', 1);
  expect(await refusal(service)).toBeNull();
});

describe('namespaces', () => {
  const wrong = (namespace: string) =>
    multiNode('x', ({ metadata, spec }) => {
      metadata.namespace = namespace;
      spec.predictor.minReplicas = 2;
    });

  async function label(...labels: string[]): Promise<void> {
    await world.must(['label', 'namespace', 'trusting', '--overwrite', ...labels]);
    await sleep(500);
  }

  test('enforcement and mutation by label', async () => {
    expect(await refusal(wrong('trusting'))).toMatchObject({ rules: ['head-replicas'] });
    await label('headcount.dev/enforce=warn');
    const warned = await world.create(wrong('trusting'), '?dryRun=All');
    expect(warned.status).toBe(201);
    expect(warned.warnings.join()).toContain('(head-replicas)');
    expect(warned.body.metadata.annotations).toHaveProperty(['headcount.dev/applied']);
    await label('headcount.dev/mutation=off');
    const plain = await world.create(wrong('trusting'), '?dryRun=All');
    expect(plain.body.metadata.annotations).not.toHaveProperty(['headcount.dev/applied']);
    await label('headcount.dev/enforce=off');
    const unseen = await world.create(wrong('trusting'), '?dryRun=All');
    expect({ status: unseen.status, warnings: unseen.warnings }).toEqual({ status: 201, warnings: [] });
    await label('headcount.dev/enforce-', 'headcount.dev/mutation-');
    expect(await refusal(wrong('trusting'))).toMatchObject({ rules: ['head-replicas'] });
  });

  test('an exempt one is not judged', async () => {
    expect(await refusal(wrong('outside'))).toBeNull();
  });

  test("Kubernetes' own admin of a namespace can't set its labels", async () => {
    // What a controller would join into the role `admin`; none runs here.
    for (const part of ['system:aggregate-to-admin', 'system:aggregate-to-edit']) {
      const binding = ['create', 'rolebinding', part.replace(/.*:/, ''), '-n', 'trusting', '--user=owner'];
      await world.must([...binding, `--clusterrole=${part}`]);
    }
    await sleep(500);
    const may = async (...what: string[]) =>
      (await world.kubectl(['auth', 'can-i', ...what, '--as=owner', '-n', 'trusting'])).out.trim();
    expect(await may('create', 'configmaps')).toBe('yes');
    expect(await may('patch', 'namespace/trusting')).toBe('no');
  });
});

test('plan and lint ask the cluster for what the input lacks, and the input wins', async () => {
  await world.createRuntime(runtime('in-cluster', ({ spec }) => (spec.workerSpec.pipelineParallelSize = 4)));
  await world.createClaim('team', 'of-one-node', 'ReadWriteOnce');
  const unsized = multiNode('asked', on('in-cluster'));
  delete unsized.spec.predictor.workerSpec.pipelineParallelSize;
  unsized.spec.predictor.model.storageUri = 'pvc://of-one-node/m';
  const ask = async (...objects: Loose[]): Promise<Loose> => {
    let out = '';
    async function* stdin(): AsyncIterable<string> {
      yield objects.map((object) => JSON.stringify(object)).join('\n---\n');
    }
    const kubeconfig = world.cluster.kubeconfig('admin');
    await run(['plan', '-', '-o', 'json', '--kubeconfig', kubeconfig], {
      stdin: stdin(),
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: () => true },
      env: {},
    });
    const [planned] = JSON.parse(out).services;
    const rules = planned.findings.filter(({ severity }: Loose) => severity === 'deny');
    return { nodes: planned.nodes, denied: rules.map(({ rule }: Loose) => rule) };
  };
  expect(await ask(unsized)).toEqual({ nodes: 4, denied: ['storage-claim'] });
  const given = runtime('in-cluster', ({ spec }) => (spec.workerSpec.pipelineParallelSize = 3));
  const shared = claim('team', 'of-one-node', 'ReadWriteMany');
  expect(await ask(unsized, given, shared)).toEqual({ nodes: 3, denied: [] });
  await world.must(['delete', 'servingruntime', '-n', 'team', 'in-cluster']);
});

describe('audit', () => {
  async function audit(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const kubeconfig = world.cluster.kubeconfig('admin');
    const child = spawn(process.execPath, [
      join(ROOT, 'src/main.ts'),
      'audit',
      '--kubeconfig',
      kubeconfig,
      ...args,
    ]);
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...text };
  }

  test('every multi-node service, over several pages', async () => {
    const many = 300;
    for (let index = 0; index < many; index++) {
      const service = multiNode(`many-${index}`, ({ metadata, spec }) => {
        metadata.namespace = 'outside';
        if (index === 7) spec.predictor.workerSpec.containers[0].resources = gpus(8, 'amd.com/gpu');
        if (index === 8) delete spec.predictor.workerSpec;
      });
      expect((await world.create(service)).status).toBe(201);
    }
    const { code, out, err } = await audit('-o', 'json', '-n', 'outside');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const document = JSON.parse(out);
    const check = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(join(ROOT, 'schemas/audit.v1.json'), 'utf8')) as object,
    );
    check(document);
    expect(check.errors ?? []).toEqual([]);
    // Of the single-node one it says that its runtime is multi-node.
    expect(document.summary.services).toBe(many);
    const single = document.findings.filter(({ rule }: Loose) => rule === 'not-multi-node');
    expect(single).toEqual([expect.objectContaining({ name: 'many-8', severity: 'warn' })]);
    const denied = document.findings.filter(({ severity }: Loose) => severity === 'deny');
    expect(denied).toEqual([expect.objectContaining({ name: 'many-7', rule: 'gpu-type-mix' })]);
    expect((await audit('-n', 'bare')).out).toContain('\n0 services: 0 denied, 0 warnings, 0 notes\n');
    const text = await audit();
    expect(text.out).toContain('outside/many-7   TP 8 x PP 2 = 16 GPUs on 2 pods');
    expect(text.out).toContain('deny gpu-type-mix');
  });

  test('progress on a terminal, taken away at the end', async () => {
    let err = '';
    const code = await run(['audit', '-n', 'outside', '--kubeconfig', world.cluster.kubeconfig('admin')], {
      stdin: process.stdin,
      stdout: { write: () => true },
      stderr: { write: (text: string) => (err += text), isTTY: true },
      env: {},
    });
    expect(code).toBe(1);
    const takenAway = '\r\u001B[K';
    expect(err.endsWith(takenAway)).toBe(true);
    expect(err.slice(0, -takenAway.length)).toMatch(/^(\r\d+ services \.\.\.)+$/);
  });

  test('a user who may not list: one line, 2', async () => {
    const child = world.cluster.kubeconfig('nobody');
    const { code, out, err } = await audit('--kubeconfig', child);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^headcount audit: ServingRuntimes have not been listed yet: .*forbidden.*\n$/);
  });
});
