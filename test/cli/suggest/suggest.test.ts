/**
 * suggest, for every public model on several types of node: what it writes is valid, draws no finding, and is
 * planned with the shape that was promised; and no shape is among those that vLLM refuses.
 */
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { MODELS, modelNamed } from '../../support/models.ts';
import type { Loose } from '../../rules/cases.ts';

const NODES: readonly (readonly [gpus: number, memory: string])[] = [
  [8, '80Gi'],
  [8, '141GB'],
  [4, '40Gi'],
  [2, '24Gi'],
];
const CLAIM = file('claim.json', {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'models' },
  spec: { accessModes: ['ReadWriteMany'] },
});
/** The built-in runtime stands for the one in a cluster, so nothing is to be said about it. */
const RUNTIME = 'kserve-huggingfaceserver-multinode';

const valid = schema('suggest.v1.json');

function suggestFor(config: string, [gpus, memory]: (typeof NODES)[number]): string[] {
  return ['suggest', '--model-config', config, '--gpus-per-node', String(gpus), '--gpu-memory', memory];
}

let planned = 0;

describe.each(MODELS)('$name', ({ name, config, refused }) => {
  const path = file(`${name}.config.json`, config);

  test.each(NODES)('on nodes of %d GPUs with %s', async (...node) => {
    const document = await json(suggestFor(path, node));
    valid(document);
    const bytes = document.node.gpuMemoryBytes * 0.9;
    for (const shape of document.shapes) {
      const { tensorParallelSize: tp, pipelineParallelSize: pp, gpus, manifest } = shape;
      expect(tp).toBeLessThanOrEqual(node[0]);
      expect(gpus).toBe(tp * pp);
      expect(shape.weightBytesPerGpu).toBeLessThan(bytes);
      expect(gpus * bytes).toBeGreaterThan(document.model.weightBytes);
      const known = refused.find(({ shape: [t, p, ...args] }) => t === tp && p <= pp && args.length === 0);
      if (known !== undefined && known.shape[0] === tp) expect(shape.expertParallel).toBe(true);

      const input = file('suggested.json', manifest);
      const model = ['--model-config', path, '--gpu-memory', node[1]];
      const { findings } = await json(['lint', input, '--catalog', CLAIM, ...model]);
      const others = findings.filter(
        ({ rule, severity }: Loose) => !(rule === 'model-config' && severity === 'note'),
      );
      expect(others).toEqual([]);
      if (pp === 1) {
        expect({ nodes: shape.nodes, tp }).toEqual({ nodes: 1, tp: document.singleNode.tensorParallelSize });
        expect(manifest.spec.predictor).not.toHaveProperty('workerSpec');
        expect(shape).toBe(document.shapes[0]);
        continue;
      }
      const { services } = await json(['plan', input, '--catalog', CLAIM]);
      expect(services).toMatchObject([
        {
          runtime: { name: RUNTIME },
          tensorParallelSize: tp,
          pipelineParallelSize: pp,
          nodes: pp,
          normalized: null,
          gpu: { required: gpus, allocated: gpus, idle: 0 },
          head: { replicas: 1, gpus: tp },
          worker: { replicas: pp - 1, gpus: tp },
        },
      ]);
      planned++;
    }
    const { context } = document.model;
    const least = Math.min(...document.shapes.map((shape: Loose) => shape.nodes));
    const ordered = document.shapes.map((shape: Loose) => [
      shape.pipelineParallelSize === 1 ? 0 : 1,
      shape.cacheTokens >= Math.min(context ?? 8_192, 131_072) ? 0 : 1,
      document.model.layers % shape.pipelineParallelSize === 0 && shape.nodes <= 2 * least ? 0 : 1,
      shape.nodes,
      document.singleNode === null ? -shape.tensorParallelSize : shape.gpus,
    ]);
    expect(ordered).toEqual(
      ordered.toSorted((a: number[], b: number[]) => a.reduce((sum, key, i) => sum || key - (b[i] ?? 0), 0)),
    );
    // Best first, and the text and the YAML say the same.
    const [best] = document.shapes;
    const { code, out } = await headcount(suggestFor(path, node));
    expect(code).toBe(best === undefined ? 1 : 0);
    const titles = [...out.matchAll(/^\d+\. TP (\d+) x PP (\d+) = (\d+) GPUs?/gm)].map((match) =>
      match.slice(1).map(Number),
    );
    expect(titles).toEqual(
      document.shapes.map((shape: Loose) => [
        shape.tensorParallelSize,
        shape.pipelineParallelSize,
        shape.gpus,
      ]),
    );
    for (const reason of document.shapes.flatMap(({ reasons }: Loose) => reasons))
      expect(out).toContain(reason);
    const { code: yamlCode, out: yaml } = await headcount([...suggestFor(path, node), '-o', 'yaml']);
    if (best === undefined) expect([yamlCode, yaml]).toEqual([2, '']);
    else expect(load(yaml)).toEqual(best.manifest);
  });
});

test('more than 100 shapes were planned', () => {
  expect(planned).toBeGreaterThan(100);
});

/** What the makers and vLLM's documentation run them on. */
test.each<[string, number, string, string]>([
  ['Llama-3.1-405B-Instruct', 8, '80Gi', '8x2'],
  ['DeepSeek-V3', 8, '80Gi', '8x2'],
  ['Kimi-K2-Instruct', 8, '80Gi', '8x2'],
  ['bloom', 8, '40Gi', '8x2'],
  ['falcon-180B-chat', 8, '40Gi', '8x2'],
])('%s on nodes of %d GPUs with %s: TP x PP %s', async (name, gpus, memory, best) => {
  const path = file(`${name}.json`, modelNamed(name).config);
  const { shapes } = await json(suggestFor(path, [gpus, memory]));
  expect(`${shapes[0].tensorParallelSize}x${shapes[0].pipelineParallelSize}`).toBe(best);
});

test('experts that TP does not divide are not split', async () => {
  const path = file('235b.json', modelNamed('Qwen3-235B-A22B-FP8').config);
  const { shapes } = await json(suggestFor(path, [8, '24Gi']));
  const [whole, divided] = [8, 4].map((tp) => shapes.find((shape: Loose) => shape.tensorParallelSize === tp));
  expect(whole).toMatchObject({ expertParallel: true });
  expect(whole.manifest.spec.predictor.model.args).toContain('--enable-expert-parallel');
  expect(divided).toMatchObject({ expertParallel: false });
});

test('a small model that fits on one node says so', async () => {
  const path = file('8b.json', modelNamed('Llama-3.1-8B-Instruct').config);
  expect((await headcount(suggestFor(path, [8, '80Gi']))).out).toContain(
    'one node is enough (TP 1): spread the model over several only for other reasons',
  );
});

test('DeepSeek-R1 on 8 x 141 Gi: one node with TP 8 first, and no pods that share a node', async () => {
  const path = file('r1.json', modelNamed('DeepSeek-V3').config);
  const { shapes, singleNode } = await json(suggestFor(path, [8, '141Gi']));
  expect(singleNode).toEqual({ tensorParallelSize: 8 });
  expect(shapes[0]).toMatchObject({ tensorParallelSize: 8, pipelineParallelSize: 1, gpus: 8, nodes: 1 });
  for (const { nodes, pipelineParallelSize } of shapes.slice(1)) {
    expect(nodes).toBeGreaterThan(1);
    expect(pipelineParallelSize).toBeGreaterThan(1);
  }
  expect(shapes[0].manifest.spec.predictor.model).toMatchObject({
    args: expect.arrayContaining(['--tensor-parallel-size=8']),
    resources: { limits: { memory: '688Gi', 'nvidia.com/gpu': '8' } },
    volumeMounts: [{ mountPath: '/dev/shm' }],
  });
});

test('a manifest for several nodes has memory, /dev/shm, start-up probes and the executor for both pods', async () => {
  const path = file('405b.json', modelNamed('Llama-3.1-405B-Instruct').config);
  const { shapes } = await json(suggestFor(path, [8, '80Gi']));
  const { model, volumes, workerSpec } = shapes[0].manifest.spec.predictor;
  expect(model.args).toContain('--distributed-executor-backend=ray');
  for (const [container, shm] of [
    [model, volumes],
    [workerSpec.containers[0], workerSpec.volumes],
  ]) {
    expect(container.resources.requests.memory).toBe(container.resources.limits.memory);
    expect(container.volumeMounts).toEqual([{ name: 'shm', mountPath: '/dev/shm' }]);
    expect(shm).toEqual([{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '16Gi' } }]);
    expect(container.startupProbe.failureThreshold).toBeGreaterThanOrEqual(40);
  }
});

test('the manifest shortens a context that does not fit', async () => {
  const path = file('scout.json', modelNamed('Llama-4-Scout-17B-16E-Instruct').config);
  const { shapes } = await json(suggestFor(path, [8, '80Gi']));
  for (const { manifest, cacheTokens } of shapes) {
    const [, length = ''] = /--max-model-len=(\d+)/.exec(manifest.spec.predictor.model.args.join()) ?? [];
    expect(Number(length)).toBeGreaterThanOrEqual(1024);
    expect(Number(length)).toBeLessThanOrEqual(cacheTokens);
  }
});

test('name and place of the model', async () => {
  const path = file('named.json', modelNamed('Mixtral-8x7B-Instruct-v0.1').config);
  const argv = [...suggestFor(path, [8, '24Gi']), '--name', 'mix', '--storage-uri', 'pvc://data/mix'];
  const { shapes } = await json(argv);
  expect(shapes[0].manifest.metadata.name).toBe('mix');
  expect(shapes[0].manifest.spec.predictor.model.storageUri).toBe('pvc://data/mix');
  const { out } = await headcount(suggestFor(path, [8, '24Gi']));
  expect(out).toContain('  name: mixtral\n');
});

test.each<[string, readonly string[], RegExp]>([
  ['no model', ['--gpus-per-node=8', '--gpu-memory=80Gi'], /needed: --model-config FILE \(/],
  ['no node', ['--model-config=MODEL', '--gpu-memory=80Gi'], /needed: --gpus-per-node NUMBER \(/],
  ['no memory', ['--model-config=MODEL', '--gpus-per-node=8'], /needed: --gpu-memory SIZE \(/],
  ['nothing', [], /needed: --model-config FILE, --gpus-per-node NUMBER, --gpu-memory SIZE \(/],
  [
    'no GPU',
    ['--model-config=MODEL', '--gpus-per-node=0', '--gpu-memory=80Gi'],
    /0 is no whole number from 1/,
  ],
  [
    'a name that is none',
    ['--model-config=MODEL', '--gpus-per-node=8', '--gpu-memory=80Gi', '--name=A_b'],
    /--name A_b: lower-case letters/,
  ],
  [
    'a name whose end KServe cuts off',
    ['--model-config=MODEL', '--gpus-per-node=8', '--gpu-memory=80Gi', '--name=llm-predictor'],
    /--name llm-predictor: .* without -predictor at the end/,
  ],
  ...['pvc://My_Claim/x', 'pvc:///x', 's3://bucket/x', 'models/x', 'oci://'].map(
    (uri): [string, readonly string[], RegExp] => [
      `the place ${uri}`,
      ['--model-config=MODEL', '--gpus-per-node=8', '--gpu-memory=80Gi', `--storage-uri=${uri}`],
      new RegExp(`--storage-uri ${uri}: write pvc://CLAIM/PATH, with CLAIM in lower-case letters`),
    ],
  ),
  [
    'oci:// on a release that has it not',
    [
      '--model-config=MODEL',
      '--gpus-per-node=8',
      '--gpu-memory=80Gi',
      '--storage-uri=oci://registry/x',
      '--kserve-version=0.15',
    ],
    /--storage-uri oci:\/\/registry\/x: write pvc:/,
  ],
])('wrong use: %s', async (_what, argv, message) => {
  const path = file('use.json', modelNamed('gpt2-xl').config);
  const { code, out, err } = await headcount(['suggest', ...argv.map((word) => word.replace('MODEL', path))]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^headcount suggest: [^\n]+\n$/);
  expect(err).toMatch(message);
});

test('on KServe 0.20 the shapes with workers carry the warning that its controller deletes them', async () => {
  const path = file('release.json', modelNamed('DeepSeek-V3').config);
  const warning = 'KServe 0.20 deletes the workers (kserve/kserve#6113): run 0.19';
  const on = (version: string, format: string): string[] => [
    ...suggestFor(path, [8, '141Gi']),
    `--kserve-version=${version}`,
    '-o',
    format,
  ];
  const document = JSON.parse((await headcount(on('0.20', 'json'))).out);
  valid(document);
  for (const { pipelineParallelSize: pp, warnings } of document.shapes)
    expect(warnings).toEqual(pp === 1 ? undefined : [warning]);
  for (const format of ['text', 'json', 'yaml'])
    expect(await headcount(on('0.20', format))).toMatchObject({ code: 0, err: `${warning}\n` });
  expect(await headcount(on('0.19', 'yaml'))).toMatchObject({ code: 0, err: '' });
});

test('a model whose memory is not known', async () => {
  const { config } = modelNamed('Llama-3.1-8B-Instruct');
  const path = file('hybrid.json', { ...config, mamba_d_state: 16 });
  const { code, err } = await headcount(suggestFor(path, [8, '80Gi']));
  expect([code, err]).toEqual([
    2,
    `headcount suggest: ${path}: how much memory LlamaForCausalLM takes can't be told from it\n`,
  ]);
});
