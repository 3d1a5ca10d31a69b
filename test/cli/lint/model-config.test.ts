/** lint with --model-config: the shapes of public models that vLLM takes or refuses, and files that are no model. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { CATALOGUE, file, headcount, json } from '../../support/cli.ts';
import { MODELS, modelNamed } from '../../support/models.ts';
import { minimalService, type Loose } from '../../rules/cases.ts';

/** A service of this shape: a pipeline stage a pod. */
function manifest(tp: number, pp: number, args: readonly string[]): string {
  const service = minimalService();
  const gpus = { requests: { 'nvidia.com/gpu': String(tp) }, limits: { 'nvidia.com/gpu': String(tp) } };
  delete service.metadata.namespace;
  service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
  service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
  service.spec.predictor.model.args.push(...args);
  service.spec.predictor.model.resources = gpus;
  service.spec.predictor.workerSpec = {
    tensorParallelSize: tp,
    pipelineParallelSize: pp,
    containers: [{ name: 'worker-container', resources: gpus }],
  };
  return file(`shape-${tp}x${pp}${args.join('')}.json`, service);
}

async function ofModel(argv: readonly string[]): Promise<Loose[]> {
  const { findings } = await json(['lint', ...argv]);
  return findings.filter(({ rule }: Loose) => rule === 'model-config');
}

let shapes = 0;
afterAll(() => console.info(`${MODELS.length} models, ${shapes} shapes`));

describe.each(MODELS)('$name', ({ name, config, taken, refused }) => {
  const path = file(`${name}.config.json`, config);

  test.each(taken)('TP %d x PP %d %s is taken', async (tp, pp, ...args) => {
    shapes++;
    const found = await ofModel([manifest(tp, pp, args), '--model-config', path]);
    expect(found.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });

  test.each(refused)('$shape is refused ($source)', async ({ shape: [tp, pp, ...args], says }) => {
    shapes++;
    const input = manifest(tp, pp, args);
    const found = (await ofModel([input, '--model-config', path])).filter(
      ({ severity }) => severity === 'deny',
    );
    expect(found.map(({ message }) => message).join('; ')).toMatch(says);
    const size = pp > tp ? 'pipeline' : 'tensor';
    for (const { field } of found) expect(field).toBe(`spec.predictor.workerSpec.${size}ParallelSize`);
    // The sizes that the fix names are not refused.
    for (const { fix } of found) {
      const [, sizes = ''] = /of (?:at most )?([\d, or]+)/.exec(fix) ?? [];
      for (const other of sizes.split(/, | or /).map(Number)) {
        const good = size === 'tensor' ? manifest(other, pp, args) : manifest(tp, other, args);
        const again = await ofModel([good, '--model-config', path]);
        expect(again.filter(({ severity }) => severity === 'deny')).toEqual([]);
      }
    }
  });
});

describe('the weights and the memory', () => {
  const config = file('405b.json', modelNamed('Llama-3.1-405B-Instruct').config);
  const warned = async (memory: string): Promise<string[]> =>
    (await ofModel([manifest(8, 2, []), '--model-config', config, '--gpu-memory', memory]))
      .filter(({ severity }) => severity === 'warn')
      .map(({ message }) => message);

  test('16 GPUs of 80 GB hold 405 billion parameters, 16 of 40 GB do not', async () => {
    expect(await warned('80Gi')).toEqual([]);
    expect(await warned('40GB')).toEqual([
      'the weights alone need more memory than there is (estimated): 405.8 B parameters at 16 bits = 812 GB' +
        ' > TP 8 x PP 2 x 40 GB x 0.9 = 576 GB',
    ]);
  });
});

test('notes: KV heads held several times, layers that are uneven', async () => {
  const config = file('notes.json', modelNamed('Llama-3.1-8B-Instruct').config);
  const found = await ofModel([manifest(16, 3, []), '--model-config', config]);
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'note: TP 16 holds each of the 8 KV heads 2 times, and so 2 times the KV cache',
    'note: 32 layers on 3 pipeline stages are uneven: the largest stage has 11, the others wait for it',
  ]);
});

test('Python writes Infinity and NaN into JSON', async () => {
  const { config } = modelNamed('Llama-3.1-8B-Instruct');
  const text = JSON.stringify(config).replace('{', '{"time_step_limit": [0.0, Infinity], "x": NaN, ');
  expect(await ofModel([manifest(3, 1, []), '--model-config', file('python.json', text)])).toHaveLength(1);
});

test('plan has the same finding', async () => {
  const config = file('plan.json', modelNamed('Qwen2-7B-Instruct').config);
  const { code, out } = await headcount(['plan', manifest(8, 2, []), '--model-config', config]);
  expect(code).toBe(1);
  expect(out).toContain('28 attention heads');
});

test('without a model JUnit reports the rule as skipped', async () => {
  const { out } = await headcount(['lint', manifest(8, 2, []), '-o', 'junit']);
  expect(out).toMatch(/name="model-config">\s*<skipped>/);
});

test.each<[string, Loose]>([
  ['no object', []],
  ['a text', 'llama'],
  ['no layers', { num_attention_heads: 8, hidden_size: 64 }],
  ['layers without end', { num_attention_heads: 8, hidden_size: 64, num_hidden_layers: 1e12 }],
  ['numbers that are none', { num_attention_heads: '8', hidden_size: -1, num_hidden_layers: 1.5 }],
  ['an inner part that is none', { text_config: 7, num_attention_heads: 8 }],
])('a config.json with %s is refused in one line', async (_what, config) => {
  const path = file('odd.json', JSON.stringify(config));
  for (const argv of [
    ['lint', manifest(8, 2, [])],
    ['suggest', '--gpus-per-node=8', '--gpu-memory=80Gi'],
  ]) {
    const { code, err } = await headcount([...argv, '--model-config', path]);
    expect(code).toBe(2);
    expect(err).toMatch(/^headcount \w+: \S+: no \w+: is it the config\.json of a Hugging Face model\?\n$/);
  }
});

test('parts of another type count as absent', async () => {
  const { config } = modelNamed('Llama-3.1-8B-Instruct');
  const odd = {
    ...config,
    head_dim: 'x',
    quantization_config: { quant_method: 5, weight_block_size: ['a'], modules_to_not_convert: [1, null] },
    mlp_only_layers: {},
    architectures: [{ a: 1 }],
    rope_scaling: [],
  };
  const found = await ofModel([manifest(3, 1, []), '--model-config', file('odd-parts.json', odd)]);
  expect(found.map(({ severity }) => severity)).toEqual(['deny']);
});

test('a file that is no model, and a size without a unit, are refused', async () => {
  const model = file('fine.json', modelNamed('Llama-3.1-8B-Instruct').config);
  const service = manifest(8, 2, []);
  const lint = async (...argv: readonly string[]): Promise<[number, string]> => {
    const { code, err } = await headcount(['lint', service, '--catalog', CATALOGUE, ...argv]);
    return [code, err];
  };
  const nothing = file('nothing.json', { hello: 1 });
  expect(await lint('--model-config', nothing)).toEqual([
    2,
    `headcount lint: ${nothing}: no num_attention_heads: is it the config.json of a Hugging Face model?\n`,
  ]);
  expect(await lint('--model-config', 'nowhere')).toEqual([
    2,
    'headcount lint: cannot read nowhere: no such file or directory\n',
  ]);
  expect((await lint('--gpu-memory', '80Gi'))[1]).toMatch(
    /^headcount lint: --gpu-memory needs --model-config \(see/,
  );
  for (const size of ['80', 'much', '-80Gi']) {
    const [code, err] = await lint('--model-config', model, `--gpu-memory=${size}`);
    expect(code).toBe(2);
    expect(err).toContain(`--gpu-memory ${size} is no size of a GPU: write it with its unit, as in 80Gi`);
  }
});
