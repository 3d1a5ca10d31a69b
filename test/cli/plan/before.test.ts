/** `headcount plan --before`: what a change does to GPUs, and how the new service is judged as an update. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { ApiServer, clusterOf } from '../../support/helpers.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { pairs } from '../../oracle/generate.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const isPlan = schema('plan.v1.json');
const CATALOGUE = file('runtime.json', minimalRuntime());

function service(change: (service: Loose) => void = () => {}): Loose {
  const object = minimalService();
  change(object);
  return object;
}

async function plan(after: unknown, before: unknown, catalogue = CATALOGUE): Promise<Loose> {
  const old = file('old.json', before);
  const document = await json(['plan', '-', '--before', old, '--catalog', catalogue], JSON.stringify(after));
  isPlan(document);
  return document;
}

function list(...items: readonly unknown[]): unknown {
  return { kind: 'List', items };
}

function rules({ findings }: Loose): string[] {
  return findings.map(({ rule, severity }: Loose) => `${severity} ${rule}`);
}

const stopped = (object: Loose): void =>
  void (object.metadata.annotations['serving.kserve.io/stop'] = 'true');
const pp4 = (object: Loose): void => void (object.spec.predictor.workerSpec.pipelineParallelSize = 4);

describe('what a change does', () => {
  test.each<readonly [string, (object: Loose) => void, object]>([
    ['nothing', () => {}, { kind: 'unchanged', gpus: { before: 16, after: 16, peak: 16 } }],
    ['more stages', pp4, { kind: 'changed', gpus: { before: 16, after: 32, peak: 48 } }],
    [
      'more stages, the old pods first',
      (object) => {
        pp4(object);
        object.spec.predictor.deploymentStrategy = { type: 'Recreate' };
      },
      { kind: 'changed', gpus: { before: 16, after: 32, peak: 32 } },
    ],
    [
      'a label, which KServe copies into the pods',
      (object) => (object.metadata.labels = { a: 'b' }),
      { kind: 'changed', gpus: { before: 16, after: 16, peak: 32 } },
    ],
    [
      'an annotation less',
      (object) => delete object.metadata.annotations.extra,
      { kind: 'changed', gpus: { before: 16, after: 16, peak: 32 } },
    ],
    [
      'what headcount writes anyway',
      (object) => delete object.metadata.annotations['serving.kserve.io/autoscalerClass'],
      { kind: 'unchanged', gpus: { before: 16, after: 16, peak: 16 } },
    ],
    [
      'sizes that make no plan',
      (object) => (object.spec.predictor.workerSpec.tensorParallelSize = 0),
      { kind: 'changed', gpus: { before: 16, after: null, peak: null } },
    ],
    [
      'no workers any more',
      (object) => delete object.spec.predictor.workerSpec,
      { kind: 'changed', gpus: { before: 16, after: null, peak: null } },
    ],
  ])('%s', async (_what, change, expected) => {
    const old = service((object) => (object.metadata.annotations.extra = 'x'));
    const next = structuredClone(old);
    change(next);
    const { services, change: total } = await plan(next, old);
    expect(services[0].change).toMatchObject({ ...expected, before: { nodes: 2, gpu: { allocated: 16 } } });
    expect(total).toEqual({ gpus: services[0].change.gpus, removed: [] });
  });

  test('the peak of a roll-out is one number: that of the change', async () => {
    for (const after of [service(pp4), service()]) {
      const { services } = await plan(after, service());
      expect(services[0].gpu.rolloutPeak).toBe(services[0].change.gpus.peak);
    }
  });

  test('a new service, a removed one, and one with generateName', async () => {
    const named = (name: string): Loose => service((object) => (object.metadata.name = name));
    const generated = service((object) => {
      delete object.metadata.name;
      object.metadata.generateName = 'llm-';
    });
    const elsewhere = service((object) => (object.metadata.namespace = 'other'));
    const { services, change } = await plan(
      list(named('llm'), named('new'), generated, elsewhere),
      list(named('llm'), named('old'), generated),
    );
    expect(services.map(({ change: one }: Loose) => [one.kind, one.before?.nodes, one.gpus.peak])).toEqual([
      ['unchanged', 2, 16],
      ['added', undefined, 16],
      ['added', undefined, 16],
      // The runtime is one of another namespace.
      ['added', undefined, null],
    ]);
    expect(change.removed).toEqual([
      expect.objectContaining({ namespace: 'team', name: 'old', gpus: { before: 16, after: 0, peak: 16 } }),
    ]);
    expect(change.gpus).toEqual({ before: 32, after: null, peak: null });
  });

  test('a service that was stopped gives back no GPUs when it is removed', async () => {
    const { change } = await plan(minimalRuntime(), service(stopped));
    expect(change.removed[0]).toMatchObject({
      before: { nodes: 0, gpu: { allocated: 0 } },
      gpus: { before: 0, after: 0, peak: 0 },
    });
    expect(change.gpus).toEqual({ before: 0, after: 0, peak: 0 });
  });

  test('nothing is left', async () => {
    const { services, change } = await plan(minimalRuntime(), service());
    expect(services).toEqual([]);
    expect(change.gpus).toEqual({ before: 16, after: 0, peak: 16 });
  });

  test.each<readonly [string, (runtime: Loose) => void, object]>([
    ['nothing', () => {}, { kind: 'unchanged', gpus: { before: 16, after: 16, peak: 16 } }],
    [
      'an image',
      ({ spec }) => (spec.containers[0].image = 'vllm:next'),
      { kind: 'changed', gpus: { before: 16, after: 16, peak: 32 } },
    ],
    [
      "the worker's script",
      ({ spec }) => (spec.workerSpec.containers[0].command = ['bash', '-c', 'ray start']),
      { kind: 'changed', gpus: { before: 16, after: 16, peak: 32 } },
    ],
    [
      'the formats that it supports',
      ({ spec }) => spec.supportedModelFormats.push({ name: 'onnx' }),
      { kind: 'unchanged', gpus: { before: 16, after: 16, peak: 16 } },
    ],
  ])('another runtime: %s', async (_what, change, expected) => {
    const runtime = minimalRuntime();
    change(runtime);
    const { services } = await plan(list(service(), runtime), list(service(), minimalRuntime()));
    expect(services[0].change).toMatchObject(expected);
  });

  test('a count that headcount stored stays where the runtime has another one, and the finding says so', async () => {
    const small = service(({ spec }) => {
      delete spec.predictor.model.resources;
      delete spec.predictor.workerSpec.containers[0].resources;
    });
    const runtime = (gpus: string): Loose => {
      const object = minimalRuntime();
      for (const container of [object.spec.containers[0], object.spec.workerSpec.containers[0]])
        container.resources = { requests: { 'nvidia.com/gpu': gpus }, limits: { 'nvidia.com/gpu': gpus } };
      return object;
    };
    const { services } = await plan(list(small, runtime('4')), list(small, runtime('8')));
    expect(services[0].change.kind).toBe('unchanged');
    expect(services[0].findings.map(({ message }: Loose) => message)).toContainEqual(
      expect.stringMatching(/asks for 4 GPUs in the head, and the service keeps the 8 stored with it until/),
    );
  });

  test('a runtime alone is nothing to compare', async () => {
    const runtime = file('alone.json', minimalRuntime());
    const { code, err } = await headcount(['plan', runtime, '--before', runtime]);
    expect([code, err]).toEqual([2, expect.stringContaining('no InferenceService found')]);
  });

  test('a changed runtime leaves a service as it is until its next edit, since it states its numbers', async () => {
    const small = service((object) => {
      object.spec.predictor.workerSpec = { tensorParallelSize: 8 };
      delete object.spec.predictor.model.resources;
    });
    const runtime = (stages: number): Loose => {
      const object = minimalRuntime();
      object.spec.workerSpec.pipelineParallelSize = stages;
      object.spec.workerSpec.containers[0].resources = {
        requests: { 'nvidia.com/gpu': 8 },
        limits: { 'nvidia.com/gpu': 8 },
      };
      return object;
    };
    const { services } = await plan(list(small, runtime(4)), list(small, runtime(2)));
    expect(services[0].change).toMatchObject({
      kind: 'unchanged',
      gpus: { before: 16, after: 16, peak: 16 },
    });
    const edited = structuredClone(small);
    edited.spec.predictor.model.args = ['--distributed-executor-backend=ray', '-v'];
    const { services: after } = await plan(list(edited, runtime(4)), list(small, runtime(2)));
    expect(after[0].change.gpus).toEqual({ before: 16, after: 32, peak: 48 });
    expect((await plan(list(small, runtime(4)), small)).services[0].change.gpus.before).toBe(32);
  });
});

describe("a file that can't be read", () => {
  const named = (name: string, change: (object: Loose) => void = () => {}): Loose =>
    service((object) => {
      object.metadata.name = name;
      change(object);
    });

  /** Writes the two directories, and asks for every format in a file. */
  async function compared(
    folder: string,
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
    catalogue = CATALOGUE,
  ): Promise<{ readonly code: number; readonly err: string; readonly text: string; readonly data: Loose }> {
    const written = (side: string, files: Readonly<Record<string, unknown>>): string => {
      for (const [name, content] of Object.entries(files)) file(`${folder}/${side}/${name}`, content);
      return dirname(file(`${folder}/${side}/empty.yaml`, ''));
    };
    const [old, now] = [written('old', before), written('new', after)];
    const [data, text] = [file(`${folder}/plan.json`, ''), file(`${folder}/plan.txt`, '')];
    const outputs = ['-o', `json=${data}`, '-o', `text=${text}`];
    const { code, err } = await headcount(['plan', now, '--before', old, '--catalog', catalogue, ...outputs]);
    const document = JSON.parse(readFileSync(data, 'utf8'));
    isPlan(document);
    return { code, err, text: readFileSync(text, 'utf8'), data: document };
  }

  const BROKEN = 'a: [1\n';
  const kinds = ({ services }: Loose): unknown =>
    services.map(({ name, change }: Loose) => [name, change?.kind ?? null]);
  const nothing = { before: null, after: null, peak: null };

  test('of --before: what both sides have is compared, and the rest is not called new', async () => {
    const { code, err, text, data } = await compared(
      'old-broken',
      { 'a.json': named('both'), 'b.json': named('gone'), 'broken.yaml': BROKEN },
      { 'a.json': named('both', pp4), 'b.json': named('fresh') },
    );
    expect(code).toBe(2);
    expect(err).toMatch(/^headcount plan: .*old.broken\.yaml:2:1: /);
    expect(kinds(data)).toEqual([
      ['both', 'changed'],
      ['fresh', null],
    ]);
    expect(data.change).toEqual({
      gpus: nothing,
      removed: [expect.objectContaining({ name: 'gone' })],
      notCompared: [{ namespace: 'team', name: 'fresh' }],
    });
    expect(data.unreadable).toEqual([expect.objectContaining({ line: 2 })]);
    expect(text).toMatch(/^changed: 16 GPUs on 2 pods before, 32 GPUs on 4 pods after/m);
    expect(text).toMatch(/^not compared, because a file that can't be read may hold .*: team\/fresh$/m);
    expect(text).not.toMatch(/^new|all together/m);
  });

  test('of the input: what is missing there is not called removed', async () => {
    const { code, text, data } = await compared(
      'new-broken',
      { 'a.json': named('both'), 'b.json': named('gone') },
      { 'a.json': named('both'), 'b.json': named('fresh'), 'broken.yaml': BROKEN },
    );
    expect(code).toBe(2);
    expect(kinds(data)).toEqual([
      ['both', 'unchanged'],
      ['fresh', 'added'],
    ]);
    expect(data.change).toEqual({
      gpus: nothing,
      removed: [],
      notCompared: [{ namespace: 'team', name: 'gone' }],
    });
    expect(text).not.toMatch(/removed|all together/);
  });

  test('that may hold the runtime of one side: the service is not said to roll out', async () => {
    const runtime = minimalRuntime();
    runtime.metadata.name = 'ours';
    runtime.spec.containers[0].image = 'vllm:ours';
    const ours = named('llm', ({ spec }) => (spec.predictor.model.runtime = 'ours'));
    const { data } = await compared(
      'runtime-broken',
      { 'a.json': ours, 'runtime.json': runtime },
      { 'a.json': ours, 'runtime.json': BROKEN },
      file('no-runtimes.yaml', ''),
    );
    expect(data.services[0].runtime.selected).toBe('assumed');
    expect(kinds(data)).toEqual([['llm', null]]);
    expect(data.services[0].findings.map(({ rule }: Loose) => rule)).not.toContain('rollout');
    expect(data.change.notCompared).toEqual([{ namespace: 'team', name: 'llm' }]);
  });
});

describe('judged as an update', () => {
  test('the output names the cost of the roll-out', async () => {
    const { services } = await plan(service(pp4), service());
    expect(rules(services[0])).toEqual(expect.arrayContaining(['warn rollout']));
    expect(rules((await plan(service(), service())).services[0])).not.toContain('warn rollout');
  });

  test('a runtime that makes other pods costs a roll-out, though the service is not edited', async () => {
    const next = minimalRuntime();
    next.spec.containers[0].image = 'vllm:next';
    next.spec.workerSpec.containers[0].image = 'vllm:next';
    const { services } = await plan(list(service(), next), list(service(), minimalRuntime()));
    expect(services[0].findings.map(({ message }: Loose) => message)).toContainEqual(
      expect.stringMatching(/^the roll-out needs 16 old \+ 16 new = 32 GPUs at its peak/),
    );
  });

  test('a service that the new runtime breaks is denied, since it ran on the old one', async () => {
    const next = minimalRuntime();
    next.spec.containers[0].resources = { requests: { 'amd.com/gpu': 8 }, limits: { 'amd.com/gpu': 8 } };
    const { services } = await plan(list(service(), next), list(service(), minimalRuntime()));
    expect(rules(services[0])).toContain('deny gpu-type-mix');
  });

  test('a mistake that was there before is a warning', async () => {
    const twoHeads = (object: Loose): void => void (object.spec.predictor.minReplicas = 2);
    const { services } = await plan(service(twoHeads), service(twoHeads));
    expect(rules(services[0])).toContain('warn head-replicas');
    expect(rules(services[0])).not.toContain('deny head-replicas');
    expect(rules((await plan(service(twoHeads), service())).services[0])).toContain('deny head-replicas');
  });
});

describe('services as the cluster holds them', () => {
  /** As `kubectl get -o yaml` shows it, after KServe's own defaulter. */
  async function live(manifest: Loose): Promise<Loose> {
    const server = new ApiServer(clusterOf([minimalRuntime()]));
    await server.apply(manifest);
    const { stored } = server;
    stored.metadata.uid = '0b7e9f5c-0000-4000-8000-000000000000';
    stored.metadata.labels = { added: 'by-somebody' };
    stored.spec.predictor.model.name = '';
    stored.status = { conditions: [] };
    return stored;
  }
  const bare = (object: Loose): void => {
    delete object.metadata.annotations;
    delete object.spec.predictor.model.resources;
  };

  test('the manifest that was applied changes nothing', async () => {
    const stored = await live(service(bare));
    const { services } = await plan(service(bare), stored);
    expect(services[0].change).toMatchObject({
      kind: 'unchanged',
      gpus: { before: 16, after: 16, peak: 16 },
    });
  });

  test('one number changed', async () => {
    const stored = await live(service(bare));
    const next = service((object) => {
      bare(object);
      pp4(object);
    });
    const { services } = await plan(next, stored);
    expect(services[0].change).toMatchObject({ kind: 'changed', gpus: { before: 16, after: 32, peak: 48 } });
  });

  test('fields that the manifest no longer has are removed', async () => {
    const stored = await live(
      service((object) => (object.spec.predictor.deploymentStrategy = { type: 'Recreate' })),
    );
    const { services } = await plan(service(), stored);
    expect(services[0].change).toMatchObject({ kind: 'changed', gpus: { peak: 32 } });
  });

  test('a service of the cluster runs on its runtime there, and a runtime of the input is a new one', async () => {
    const stored = await live(service());
    const api = await FakeApi.start([minimalRuntime(), stored]);
    const next = minimalRuntime();
    next.spec.containers[0].image = 'vllm:next';
    const change = async (...input: readonly Loose[]): Promise<Loose> => {
      const manifests = file('next.json', list(...input));
      const kubeconfig = file('kubeconfig', api.kubeconfig);
      const argv = ['plan', manifests, '--before', 'isvc/llm', '-n', 'team', '--kubeconfig', kubeconfig];
      return (await json(argv)).services[0].change.kind;
    };
    try {
      expect([await change(service(), next), await change(service())]).toEqual(['changed', 'unchanged']);
    } finally {
      api.stop();
    }
  });

  test('the stored service counts as it is stored, not as headcount would change it', async () => {
    const stored = service((object) => {
      object.metadata.uid = 'x';
      object.metadata.annotations['headcount.dev/parallelism'] = 'rewrite';
      object.spec.predictor.workerSpec.tensorParallelSize = 16;
      delete object.spec.predictor.workerSpec.pipelineParallelSize;
    });
    const { services } = await plan(service(), stored);
    expect(services[0].change.before).toMatchObject({ tensorParallelSize: 16, pipelineParallelSize: 1 });
  });
});

test('for any service: the same manifest again rolls nothing out', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ service: given, runtime }) => {
      const catalogue = file('random-runtime.json', runtime);
      const { services } = await plan(given, given, catalogue);
      const [{ change, gpu }] = services;
      const gpus = gpu?.allocated ?? null;
      expect(change).toMatchObject({ kind: 'unchanged', gpus: { before: gpus, after: gpus, peak: gpus } });
    }),
    { numRuns: 150 },
  );
});

describe('on the terminal', () => {
  test('one sentence a service, and the sum', async () => {
    const old = file(
      'terminal/old.json',
      list(
        service(),
        service((object) => (object.metadata.name = 'gone')),
      ),
    );
    const { code, out } = await headcount(['plan', '-', '--before', old, '--catalog', CATALOGUE], {
      stdin: JSON.stringify(service(pp4)),
    });
    expect(code).toBe(0);
    expect(out).toContain(
      '\nchanged: 16 GPUs on 2 pods before, 32 GPUs on 4 pods after, 48 GPUs at the peak of the roll-out\n',
    );
    expect(out).toMatch(
      /\n\nteam\/gone removed: 16 GPUs on 2 pods less\n\nall together: 32 GPUs before, 32 GPUs after, 64 GPUs at the peak if all roll at once\n\nplanned for .*\n$/,
    );
  });

  test.each<readonly [string, (object: Loose) => void, RegExp]>([
    [
      'a single node',
      ({ spec }) => delete spec.predictor.workerSpec,
      /^changed: a single node \(not planned\) before, 16 GPUs on 2 pods after, no number for the peak/m,
    ],
    [
      'stopped',
      stopped,
      /^changed: no pods \(stopped\) before, 16 GPUs on 2 pods after, 16 GPUs at the peak of the roll-out$/m,
    ],
    [
      'a version that is denied',
      ({ spec }) => (spec.predictor.model.storageUri = 's3://bucket/llama'),
      /^changed: .*; the version before would be denied: storage-uri$/m,
    ],
  ])('the version before was %s', async (_what, change, says) => {
    const argv = ['plan', '-', '--before', file('was.json', service(change)), '--catalog', CATALOGUE];
    const { out } = await headcount(argv, { stdin: JSON.stringify(service()) });
    expect(out).toMatch(says);
  });

  test('a service that is stopped has no pods, before and after', async () => {
    const gone = service((object) => {
      stopped(object);
      object.metadata.name = 'gone';
    });
    const old = file('terminal/stopped.json', list(service(), gone));
    const { out } = await headcount(['plan', '-', '--before', old, '--catalog', CATALOGUE], {
      stdin: JSON.stringify(service(stopped)),
    });
    expect(out).toMatch(
      /^changed: 16 GPUs on 2 pods before, no pods \(stopped\) after, 16 GPUs at the peak/m,
    );
    expect(out).toMatch(/^team\/gone removed: it was stopped and had no pods$/m);
    expect(out).toMatch(/^all together: 16 GPUs before, 0 GPUs after, 16 GPUs at the peak/m);
  });

  test('the old services come from standard input', async () => {
    const next = file('terminal/new.json', service(pp4));
    const { out } = await headcount(['plan', next, '--before', '-', '--catalog', CATALOGUE], {
      stdin: JSON.stringify(service()),
    });
    expect(out).toContain('48 GPUs at the peak of the roll-out');
  });

  test('both from standard input are refused', async () => {
    const { code, out, err } = await headcount(['plan', '-', '--before', '-'], {
      stdin: JSON.stringify(service()),
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe('headcount plan: --before and FILE are both standard input\n');
  });

  test('old ones that are not there: the new ones are planned, and not compared', async () => {
    const { code, out, err } = await headcount(['plan', '-', '--before', 'nowhere'], {
      stdin: JSON.stringify(service()),
    });
    expect(code).toBe(2);
    expect(out).toMatch(/TP 8 x PP 2 = 16 GPUs on 2 pods[^]*\n\nnot compared, .*: team\/llm\n/);
    expect(err).toMatch(/^headcount plan: cannot read nowhere: no such file/);
  });
});

test('one peak in a picture: that of the change, where it is known', async () => {
  const old = file('peak-old.json', service());
  const now = file(
    'peak-new.json',
    service(({ spec }) => (spec.predictor.workerSpec.pipelineParallelSize = 3)),
  );
  for (const format of ['text', 'svg', 'mermaid']) {
    const { out } = await headcount(['plan', now, '--before', old, '-o', format]);
    const description = /<desc[^>]*>([^<]*)/.exec(out)?.[1] ?? out;
    expect(description.match(/at the peak/g)?.length).toBe(1);
    expect(description).toContain('40 GPUs at the peak of the roll-out');
  }
});
