/** --kserve-version and kserve.version: which release is planned for, what the output says of it, what is refused. */
import { describe, expect, test } from '@jest/globals';
import { file, headcount, json } from '../../support/cli.ts';
import { minimalRuntime, minimalService } from '../../rules/cases.ts';

const INPUT = file('release.json', { kind: 'List', items: [minimalService(), minimalRuntime()] });
const MODE = 'serving.kserve.io/deploymentMode';

function config(version: string): string {
  const head = 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n';
  return file(`config-${version.replaceAll(/\W/g, '')}.yaml`, `${head}kserve: {version: ${version}}\n`);
}

describe('plan', () => {
  test.each<readonly [readonly string[], string, string]>([
    [[], '0.19', 'planned for KServe 0.19 by default: no cluster was asked'],
    [['--kserve-version', 'auto'], '0.19', 'planned for KServe 0.19 by default: no cluster was asked'],
    [['--kserve-version', '0.16'], '0.16', 'planned for KServe 0.16'],
    [['--kserve-version', 'v0.15.2'], '0.15', 'planned for KServe 0.15'],
    [['--kserve-version', 'odh'], 'odh', 'planned for odh, as KServe 0.17'],
    [['--config', config("'0.17'")], '0.17', 'planned for KServe 0.17'],
    [['--config', config("'0.17'"), '--kserve-version', '0.18'], '0.18', 'planned for KServe 0.18'],
    [
      ['--config', config("'0.17'"), '--kserve-version', 'auto'],
      '0.19',
      'planned for KServe 0.19 by default: no cluster was asked',
    ],
  ])('%j', async (options, name, line) => {
    const { kserveVersion, schemaVersion } = await json(['plan', INPUT, ...options]);
    expect([kserveVersion, schemaVersion]).toEqual([name, 1]);
    const { out } = await headcount(['plan', INPUT, ...options]);
    expect(out).toMatch(new RegExp(`\n\n${line}\n$`));
  });

  test('a release that YAML reads as a number is the one that is written', async () => {
    const versions: string[] = [];
    for (const version of ['0.16', '0.20']) {
      versions.push((await json(['plan', INPUT, '--config', config(version)]))['kserveVersion']);
    }
    expect(versions).toEqual(['0.16', '0.20']);
  });

  test('0.20 is planned, with a warning', async () => {
    const { code, out } = await headcount(['plan', INPUT, '--kserve-version', '0.20']);
    expect(code).toBe(0);
    expect(out).toContain('TP 8 x PP 2 = 16 GPUs on 2 pods');
    expect(out).toContain('warn kserve-release');
    expect((await headcount(['plan', INPUT, '--kserve-version', '0.20', '--strict'])).code).toBe(1);
  });
});

describe.each(['plan', 'lint', 'render', 'review', 'serve'])('%s', (command) => {
  const input = command === 'serve' ? ['--offline'] : [INPUT];

  test.each<readonly [string, RegExp]>([
    ['0.15.0', /^headcount \w+: KServe 0\.15\.0 is older than 0\.15\.1, .*\n$/],
    ['0.14', /^headcount \w+: KServe 0\.14 is older than 0\.15\.1, .*\n$/],
    ['0.99', /^headcount \w+: --kserve-version 0\.99: one of auto, 0\.15, .*\n$/],
    ['newest', /^headcount \w+: --kserve-version newest: one of auto, 0\.15, .*\n$/],
  ])('refuses %s in one line', async (version, line) => {
    const { code, out, err } = await headcount([command, ...input, '--kserve-version', version]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(line);
  });
});

test('a configuration names only releases that are planned for', async () => {
  const { code, err } = await headcount(['plan', INPUT, '--config', config("'0.14'")]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /kserve\.version is "0\.14": must be one of auto, 0\.15, 0\.16, 0\.17, 0\.18, 0\.19, 0\.20, odh\n$/,
  );
});

test('lint says for which release', async () => {
  const document = await json(['lint', INPUT, '--kserve-version', '0.18']);
  expect(document['kserveVersion']).toBe('0.18');
});

describe('on 0.15 nothing writes Standard', () => {
  const bare = minimalService();
  delete bare.metadata.annotations;
  const input = file('bare.json', { kind: 'List', items: [bare, minimalRuntime()] });

  test('render', async () => {
    const { out } = await headcount(['render', input, '--kserve-version', '0.15']);
    expect(out).toContain(`"${MODE}":"RawDeployment"`);
    expect(out).not.toContain('Standard');
  });

  test('review', async () => {
    const request = {
      uid: 'a',
      operation: 'CREATE',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      object: bare,
    };
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
    const { out } = await headcount([
      'review',
      file('review.json', review),
      '--endpoint',
      'mutate',
      '--catalog',
      file('rt.json', minimalRuntime()),
      '--kserve-version',
      '0.15',
    ]);
    const { response } = JSON.parse(out);
    const patch = Buffer.from(response.patch, 'base64').toString();
    expect(patch).toContain('RawDeployment');
    expect(`${patch} ${out}`).not.toContain('Standard');
  });

  test('suggest', async () => {
    const model = file('model.json', {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: 8192,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      intermediate_size: 28672,
      vocab_size: 128256,
      max_position_embeddings: 8192,
      torch_dtype: 'bfloat16',
    });
    const options = ['--model-config', model, '--gpus-per-node', '8', '--gpu-memory', '80Gi', '-o', 'yaml'];
    const { code, out } = await headcount(['suggest', ...options, '--kserve-version', '0.15']);
    expect(code).toBe(0);
    expect(out).toContain(`${MODE}: RawDeployment`);
    expect(out).not.toContain('Standard');
  });
});
