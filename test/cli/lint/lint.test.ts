/** `headcount lint`, and the input that it shares with plan. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../../src/admission/admit.ts';
import { DEFAULTS } from '../../../src/config/config.ts';
import {
  CATALOGUE,
  DENIED,
  file,
  headcount,
  json,
  ROOT,
  schema,
  scratch,
  SERVICE,
} from '../../support/cli.ts';
import { clusterOf, requestFor } from '../../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const isLint = schema('lint.v1.json');

async function names(...argv: readonly string[]): Promise<string[]> {
  return (await json(['plan', ...argv])).services.map((planned: Loose) => planned.name);
}

function service(name: string): Loose {
  return { ...minimalService(), metadata: { name, namespace: 'team' } };
}

describe('lint', () => {
  test('text: the finding, its line with carets, the fix; the way to read more; the summary', async () => {
    const { out, err } = await headcount(['lint', DENIED]);
    expect(out).toContain(
      [
        'test/fixtures/cli-denied.yaml:14:9 deny head-replicas spec.predictor.minReplicas: minReplicas is 2, but a multi-node service has exactly one head',
        '  14 |         minReplicas: 2',
        '     |         ^^^^^^^^^^^',
        '  fix: write minReplicas: 1, or remove it\n',
      ].join('\n'),
    );
    expect(out).toMatch(/^more: headcount explain .*\bhead-replicas\b.*$/m);
    expect(out).toMatch(/\n1 service in 1 file: 1 denied, \d+ warnings?, \d+ notes?\n$/);
    expect(err).toBe('skipped 1 object of another kind\n');
  });

  test('JSON in its documented shape, runtimes of the input included', async () => {
    const runtime = minimalRuntime();
    runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
    const path = file('runtime.json', runtime);
    const document = await json(['lint', DENIED, path]);
    isLint(document);
    expect(document.summary).toMatchObject({ files: 2, services: 1, deny: 2 });
    expect(document.findings).toContainEqual({
      file: path,
      line: 1,
      column: expect.any(Number),
      namespace: 'team',
      name: 'rt',
      rule: 'parallel-size-env',
      severity: 'deny',
      field: 'spec.containers[0].env[0]',
      message: expect.any(String),
      fix: expect.any(String),
      suppressed: false,
    });
  });

  test('runtimes of the catalogue are not linted', async () => {
    const runtime = minimalRuntime();
    runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
    const { findings } = await json(['lint', SERVICE, '--catalog', file('catalogue/runtime.json', runtime)]);
    expect(findings.filter((finding: Loose) => finding.name === 'rt')).toEqual([]);
  });
});

function suppressing(rules: unknown): string {
  const denied = { ...service('llm'), kind: 'InferenceService' };
  denied.metadata.annotations = { 'headcount.dev/suppress': rules };
  denied.spec.predictor.minReplicas = 2;
  denied.spec.predictor.canaryTrafficPercent = 10;
  return file('suppressing.json', denied);
}

/** Rule and state of the findings that a run would deny for. */
async function denials(path: string, ...options: readonly string[]): Promise<unknown[]> {
  const { findings } = await json(['lint', path, ...options]);
  return findings
    .filter(({ severity }: Loose) => severity === 'deny')
    .map(({ rule, suppressed }: Loose) => [rule, suppressed]);
}

describe('suppressed findings and disabled rules', () => {
  test.each([
    ['with spaces', 'canary head-replicas'],
    ['with commas and spaces', ' head-replicas,canary , gpu-idle'],
    ['over several lines', 'head-replicas\ncanary\n'],
  ])('names %s', async (_what, rules) => {
    const path = suppressing(rules);
    const { summary } = await json(['lint', path]);
    expect(summary).toMatchObject({ deny: 0, suppressed: 2 });
    expect((await headcount(['lint', path])).code).toBe(0);
    expect((await headcount(['lint', path])).out).toMatch(
      /deny head-replicas .*\n {2}suppressed by headcount\.dev\/suppress\n/,
    );
  });

  test('a suppression leaves the other findings', async () => {
    const path = suppressing('canary');
    expect(await denials(path)).toEqual([
      ['head-replicas', false],
      ['canary', true],
    ]);
    expect((await headcount(['lint', path])).code).toBe(1);
  });

  test.each([['*'], ['head'], ['unknown-suppression'], ['HEAD-REPLICAS'], ['__proto__']])(
    '%s is no rule: a note, and nothing is suppressed',
    async (name) => {
      const { findings, summary } = await json(['lint', suppressing(`${name} ${name}`)]);
      expect(summary).toMatchObject({ deny: 2, suppressed: 0 });
      const notes = findings.filter(({ rule }: Loose) => rule === 'unknown-suppression');
      expect(notes).toEqual([
        expect.objectContaining({
          severity: 'note',
          field: 'metadata.annotations[headcount.dev/suppress]',
          message: `"${name}" is no rule, so it suppresses nothing`,
        }),
      ]);
    },
  );

  test('a runtime has the annotation as well', async () => {
    const runtime = minimalRuntime();
    runtime.metadata.annotations = { 'headcount.dev/suppress': 'parallel-size-env' };
    runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
    expect(await denials(file('suppressed-runtime.json', runtime))).toEqual([['parallel-size-env', true]]);
  });

  test('with --strict a suppressed warning does not count either', async () => {
    const warned = service('llm');
    delete warned.metadata.annotations;
    const rules = (await json(['lint', file('warned.json', warned)])).findings.map(({ rule }: Loose) => rule);
    warned.metadata.annotations = { 'headcount.dev/suppress': rules.join(' ') };
    const path = file('warned-suppressed.json', warned);
    expect(rules.length).toBeGreaterThan(0);
    expect((await headcount(['lint', path, '--strict'])).code).toBe(0);
  });

  test('the webhook ignores suppressions', async () => {
    const object = JSON.parse(readFileSync(suppressing('head-replicas canary'), 'utf8'));
    const decision = await admit('validate', requestFor(object), clusterOf(), DEFAULTS);
    expect(decision.outcome).toBe('deny');
  });

  test('--disable leaves rules out, and wins over the configuration', async () => {
    const path = suppressing('');
    const config = file(
      'warn.yaml',
      'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrules: {canary: warn}\n',
    );
    const disable = ['--disable', 'head-replicas', '--disable', 'canary'];
    expect(await denials(path, '--disable', 'canary')).toEqual([['head-replicas', false]]);
    const { findings } = await json(['lint', path, '--config', config, ...disable]);
    const rules = findings.map(({ rule }: Loose) => rule);
    expect(rules).not.toContain('canary');
    expect(rules).not.toContain('head-replicas');
  });
});

describe('outputs', () => {
  test('a format on standard output, others in files', async () => {
    const [sarif, text] = [join(scratch, 'out.sarif'), join(scratch, 'out.txt')];
    const argv = ['lint', DENIED, '-o', `sarif=${sarif}`, '-o', 'json', '-o', `text=${text}`];
    const { code, out, err } = await headcount(argv, { env: { FORCE_COLOR: '1' } });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const { findings } = JSON.parse(out);
    expect(JSON.parse(readFileSync(sarif, 'utf8')).runs[0].results.length).toBe(findings.length);
    expect(readFileSync(text, 'utf8')).toBe((await headcount(['lint', DENIED])).out);
  });

  test('- is standard output', async () => {
    expect((await headcount(['lint', DENIED, '-o', 'json=-'])).out).toBe(
      (await headcount(['lint', DENIED, '-o', 'json'])).out,
    );
  });

  test('a file that can not be written: nothing on standard output', async () => {
    const { code, out } = await headcount(['lint', DENIED, '-o', 'json', '-o', `sarif=${scratch}`]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('colours: the severity and the carets', async () => {
    const { out } = await headcount(['lint', DENIED], { env: { FORCE_COLOR: '1' } });
    expect(out).toContain('\u001B[31;1mdeny\u001B[0m head-replicas');
    expect(out).toContain('     |         \u001B[31;1m^^^^^^^^^^^\u001B[0m\n');
    expect(stripVTControlCharacters(out)).toBe((await headcount(['lint', DENIED])).out);
  });

  test('for standard input SARIF has no file, and a workflow annotation no place', async () => {
    const stdin = readFileSync(DENIED, 'utf8');
    const { out } = await headcount(['lint', '-', '-o', 'sarif'], { stdin });
    const { artifactLocation } = JSON.parse(out).runs[0].results[0].locations[0].physicalLocation;
    expect(decodeURIComponent(artifactLocation.uri)).toBe('<stdin>');
    const annotated = await headcount(['lint', '-', '-o', 'github'], { stdin });
    expect(annotated.out).toMatch(/^::error title=headcount head-replicas::spec\.predictor\.minReplicas: /m);
  });

  test('paths: relative to the working directory where they are below it, URIs where they are not', async () => {
    const uriOf = async (path: string): Promise<unknown> => {
      const { out } = await headcount(['lint', path, '-o', 'sarif']);
      return JSON.parse(out).runs[0].results[0].locations[0].physicalLocation.artifactLocation;
    };
    for (const path of [DENIED, `./${DENIED}`, join(ROOT, DENIED)]) {
      expect(await uriOf(path)).toEqual({ uri: DENIED, uriBaseId: '%SRCROOT%' });
      expect((await headcount(['lint', path, '-o', 'github'])).out).toContain(
        `,file=${DENIED},line=14,col=9,`,
      );
    }
    const outside = file('a b.yaml', readFileSync(DENIED, 'utf8'));
    expect(await uriOf(outside)).toEqual({ uri: pathToFileURL(outside).href });
  });

  test('fingerprints stay when lines move, and when the message changes', async () => {
    const prints = async (text: string): Promise<unknown[]> => {
      const { out } = await headcount(['lint', file('moving.yaml', text), '-o', 'sarif']);
      return JSON.parse(out).runs[0].results.map((result: Loose) => result.partialFingerprints);
    };
    const text = readFileSync(DENIED, 'utf8');
    const before = await prints(text);
    expect(await prints(`# moved\n\n${text.replace('minReplicas: 2', 'minReplicas:   3')}`)).toEqual(before);
    expect(await prints(text.replace('name: two-heads', 'name: other'))).not.toEqual(before);
    expect(new Set(before.map((print) => JSON.stringify(print))).size).toBe(before.length);
  });
});

describe('input', () => {
  test('a pipe is read once, as <(command) of a shell is', () => {
    const script = `${process.execPath} src/main.ts lint <(cat ${DENIED})`;
    const { status, stdout } = spawnSync('bash', ['-c', script], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^1 service in 1 file: /m)]);
  });

  test('an InferenceService without apiVersion is refused, not skipped', async () => {
    const { apiVersion: _version, ...others } = minimalService();
    const { code, out } = await headcount(['lint', '-'], { stdin: JSON.stringify(others) });
    expect([code, out]).toEqual([1, expect.stringContaining('write apiVersion: serving.kserve.io/v1beta1')]);
  });

  test('directories are read in order of names, with their subdirectories, without other extensions and hidden directories', async () => {
    for (const name of ['b.yaml', 'a/z.yml', 'c.json', 'd.txt', '.git/x.yaml', '..data/y.yaml']) {
      file(`tree/${name}`, service(name.replaceAll(/[^a-z]/g, '-')));
    }
    symlinkSync(join(scratch, 'tree/d.txt'), join(scratch, 'tree/e.yaml'));
    expect(await names(join(scratch, 'tree'))).toEqual(['a-z-yml', 'b-yaml', 'c-json', 'd-txt']);
  });

  test('a typed list gives its items their kind', async () => {
    const { kind: _kind, apiVersion, ...item } = service('listed');
    const list = { apiVersion, kind: 'InferenceServiceList', items: [item] };
    expect(await names(file('list.json', list))).toEqual(['listed']);
  });

  test('runtimes, claims and ConfigMap beside the services are used', async () => {
    const { services } = await json(['plan', SERVICE, CATALOGUE]);
    expect(services[0].findings.map((finding: Loose) => finding.rule)).not.toContain('storage-claim');
    const auto = service('auto');
    delete auto.spec.predictor.model.runtime;
    delete auto.spec.predictor.workerSpec.pipelineParallelSize;
    const planned = await json(['plan', file('auto.json', auto), '--catalog', CATALOGUE]);
    expect(planned.services[0]).toMatchObject({
      runtime: { kind: 'ServingRuntime', name: 'own', selected: 'auto' },
      pipelineParallelSize: 4,
    });
  });

  test('what a catalogue lacks is missing', async () => {
    const path = file('unknown.json', service('unknown'));
    expect((await json(['plan', path])).services[0].runtime.selected).toBe('assumed');
    expect((await json(['plan', path, '--catalog', CATALOGUE])).services[0].runtime).toBeNull();
  });
});

test('docsUrl of the configuration: in the denial of a review, and as helpUri in SARIF', async () => {
  const config = file(
    'docs-url.yaml',
    'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\ndocsUrl: https://wiki.example.com/{rule}\n',
  );
  const { out } = await headcount(['lint', DENIED, '--config', config, '-o', 'sarif']);
  const { rules } = JSON.parse(out).runs[0].tool.driver;
  expect(rules.find(({ id }: Loose) => id === 'canary').helpUri).toBe('https://wiki.example.com/canary');
  const object = service('llm');
  object.spec.predictor.model.storageUri = 's3://bucket/llm';
  const request = {
    uid: 'u-1',
    operation: 'CREATE',
    kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
    resource: { group: 'serving.kserve.io', version: 'v1beta1', resource: 'inferenceservices' },
    name: 'llm',
    namespace: 'team',
    object,
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const answer = await headcount(['review', '-', '--config', config], { stdin: JSON.stringify(review) });
  expect(JSON.parse(answer.out).response.status.message).toMatch(
    /\(storage-uri\): https:\/\/wiki\.example\.com\/storage-uri$/m,
  );
});

test('of the built-in runtime no image is named, since that of the cluster may be another one', async () => {
  const named = minimalService();
  named.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
  named.spec.predictor.model.image = 'my/vllm:1';
  const { findings } = await json(['lint', file('image.json', named)]);
  expect(findings.map(({ rule, message }: Loose) => `${rule}: ${message}`)).toContainEqual(
    expect.stringMatching(
      /^image-parity: the head runs "my\/vllm:1", the worker the one of the ClusterServingRuntime "kserve-hugg/,
    ),
  );
});

test.each(['kserve-huggingfaceserver-multinode', 'other'])(
  'of the runtime %s without a catalogue it is known, or not asked, that its worker has shared memory too',
  async (name) => {
    const made = minimalService();
    const { predictor } = made.spec;
    predictor.model.runtime = name;
    predictor.volumes = [{ name: 'shm', emptyDir: { medium: 'Memory' } }];
    predictor.model.volumeMounts = [{ name: 'shm', mountPath: '/dev/shm' }];
    const { findings } = await json(['lint', file('shm.json', made)]);
    expect(findings.map(({ rule }: Loose) => rule)).not.toContain('scheduling-parity');
  },
);

test('a limit below the request of the built-in runtime is refused, and passes on an unknown one', async () => {
  const rulesOn = async (name: string): Promise<readonly string[]> => {
    const made = minimalService();
    made.spec.predictor.model.runtime = name;
    made.spec.predictor.model.resources.limits.memory = '4Gi';
    const { findings } = await json(['lint', file('limit.json', made)]);
    return findings.map(({ rule }: Loose) => rule);
  };
  expect(await rulesOn('kserve-huggingfaceserver-multinode')).toContain('merge');
  expect(await rulesOn('other')).not.toContain('merge');
});
