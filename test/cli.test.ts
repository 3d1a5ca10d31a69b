/** The command line as a function: exit codes, text, JSON against the published schemas. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { COMMANDS } from '../src/cli/commands.ts';
import { run } from '../src/cli/run.ts';
import { minimalRuntime, minimalService, type Loose } from './rules/cases.ts';

const ROOT = join(import.meta.dirname, '..');
const FIXTURES = 'test/fixtures';
const SERVICE = `${FIXTURES}/cli-service.yaml`;
const DENIED = `${FIXTURES}/cli-denied.yaml`;
const CATALOGUE = `${FIXTURES}/cli-catalogue.yaml`;

const scratch = mkdtempSync(join(tmpdir(), 'headcount-cli-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function file(name: string, text: unknown): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function headcount(
  argv: readonly string[],
  { stdin = '', env = {} as Record<string, string>, isTTY = false } = {},
): Promise<Outcome> {
  let out = '';
  let err = '';
  async function* input(): AsyncIterable<string> {
    yield stdin;
  }
  const code = await run(argv, {
    stdin: input(),
    stdout: { write: (text) => (out += text), isTTY },
    stderr: { write: (text) => (err += text) },
    env,
  });
  return { code, out, err };
}

async function json(argv: readonly string[], stdin = ''): Promise<Loose> {
  const { out, err } = await headcount([...argv, '-o', 'json'], { stdin });
  expect(err).toBe('');
  return JSON.parse(out);
}

function schema(name: string): (data: unknown) => void {
  const check = new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(readFileSync(join(ROOT, 'schemas', name), 'utf8')) as object,
  );
  return (data) => {
    check(data);
    expect(check.errors ?? []).toEqual([]);
  };
}
const isPlan = schema('plan.v1.json');
const isLint = schema('lint.v1.json');

describe('wrong use and unreadable input: one line, exit code 2', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'a wrong flag',
      ['plan', '--catalogue', 'x', SERVICE],
      /^headcount plan: unknown option '--catalogue' \(see headcount plan --help\)$/,
    ],
    [
      'a flag without its value',
      ['plan', SERVICE, '--config'],
      /^headcount plan: option '--config <value>' argument missing/,
    ],
    ['an unknown command', ['plant'], /^headcount: unknown command 'plant' \(see headcount --help\)$/],
    ['help of an unknown command', ['help', 'plant'], /unknown command 'plant'/],
    ['a command of later', ['audit'], /the command 'audit' is not available in this version/],
    [
      'a format of later',
      ['lint', SERVICE, '-o', 'sarif'],
      /^headcount lint: -o sarif: this version takes text, json/,
    ],
    ['a live cluster', ['plan', SERVICE, '--context=prod'], /--context is not available in this version/],
    ['no file', ['lint'], /no file given/],
    ['two reviews', ['review', 'a', 'b'], /one file expected, 2 given/],
    ['an argument too many', ['version', 'x'], /unexpected argument 'x'/],
    [
      'a file that is not there',
      ['plan', 'nowhere.yaml'],
      /^headcount plan: cannot read nowhere\.yaml: no such file or directory$/,
    ],
    [
      'a catalogue that is not there',
      ['plan', SERVICE, '--catalog', 'nowhere'],
      /cannot read nowhere: no such file/,
    ],
    [
      'a configuration that is not there',
      ['lint', SERVICE, '--config', 'nowhere'],
      /cannot read nowhere: no such file/,
    ],
    ['a YAML error', ['plan', file('bad.yaml', 'a: 1\nb: [1\n')], /bad\.yaml:\d:\d+: /],
    [
      'a wrong configuration',
      [
        'plan',
        SERVICE,
        '--config',
        file('config.yaml', 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrulez: {}\n'),
      ],
      /config\.yaml: unknown key rulez/,
    ],
    [
      'no service',
      ['plan', CATALOGUE],
      /^headcount plan: no InferenceService found in test\/fixtures\/cli-catalogue\.yaml$/,
    ],
    [
      'a directory without a service',
      ['plan', join(ROOT, 'schemas')],
      /no InferenceService found in .*schemas$/,
    ],
    [
      'a review where a manifest is due',
      ['plan', file('review.json', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })],
      /it holds an AdmissionReview: see headcount review/,
    ],
    ['a manifest where a review is due', ['review', SERVICE], /only admission\.k8s\.io\/v1 is answered/],
    ['a cluster to serve', ['serve'], /only --offline is available in this version/],
    ['a port that is none', ['serve', '--offline', '--port', '70000'], /--port 70000 is no port/],
  ])('%s', async (_what, argv, message) => {
    const { code, out, err } = await headcount(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^[^\n]+\n$/);
    expect(err.trimEnd()).toMatch(message);
  });

  test('no command at all', async () => {
    const { code, out, err } = await headcount([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^Usage: headcount COMMAND/m);
  });
});

describe('help and version', () => {
  test.each([['--help'], ['-h'], ['help']])('%s lists every command', async (argument) => {
    const { code, out } = await headcount([argument]);
    expect(code).toBe(0);
    for (const { name } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test.each(COMMANDS.map(({ name }) => [name]))('%s --help lists its options', async (name) => {
    const { code, out } = await headcount([name, '--help']);
    expect(code).toBe(0);
    expect((await headcount(['help', name])).out).toBe(out);
    for (const option of Object.keys(COMMANDS.find((command) => command.name === name)?.options ?? {})) {
      expect(out).toContain(`--${option}`);
    }
  });

  test('the version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await headcount(['version'])).toEqual({ code: 0, out: `headcount ${version}\n`, err: '' });
    expect((await headcount(['--version'])).out).toBe(`headcount ${version}\n`);
  });
});

describe('exit codes of findings', () => {
  test.each<[string, readonly string[], number]>([
    ['fine', [SERVICE], 0],
    ['fine, strictly', [SERVICE, '--strict'], 0],
    ['denied', [DENIED], 1],
  ])('%s', async (_what, argv, code) => {
    expect((await headcount(['plan', ...argv])).code).toBe(code);
    expect((await headcount(['lint', ...argv])).code).toBe(code);
  });

  test('a warning counts with --strict only', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
    delete service.metadata.annotations;
    const path = file('warned.json', service);
    expect((await headcount(['lint', path])).code).toBe(0);
    expect((await headcount(['lint', path, '--strict'])).code).toBe(1);
  });

  test('the configuration decides what a denial is', async () => {
    const config = file(
      'off.yaml',
      'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrules: {head-replicas: "off"}\n',
    );
    expect((await headcount(['lint', DENIED, '--config', config])).code).toBe(0);
  });
});

describe('plan', () => {
  const CASE_1 = `team/llm   TP 8 x PP 2 = 16 GPUs on 2 pods (ray, runtime kserve-huggingfaceserver-multinode)
├─ head    1 pod  8 x nvidia.com/gpu  [■■■■■■■■]
└─ worker  1 pod  8 x nvidia.com/gpu  [■■■■■■■■]
16 allocated, 0 idle, 32 at the peak of a roll-out
`;
  test('the picture', async () => {
    const { out } = await headcount(['plan', SERVICE], { env: { LANG: 'C.UTF-8' } });
    expect(out).toMatch(new RegExp(`^${CASE_1.replaceAll(/[()[\].]/g, '\\$&')}`));
  });

  test('the picture without UTF-8', async () => {
    const { out } = await headcount(['plan', SERVICE]);
    expect(out.slice(0, CASE_1.length)).toBe(
      CASE_1.replaceAll('├─', '|-').replaceAll('└─', '`-').replaceAll('■', '#'),
    );
  });

  test('more GPUs than cells, and several pods', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = 'unknown';
    service.spec.predictor.model.resources.requests['nvidia.com/gpu'] = 32;
    service.spec.predictor.model.resources.limits['nvidia.com/gpu'] = 32;
    service.spec.predictor.workerSpec.tensorParallelSize = 24;
    const { out } = await headcount(['plan', file('large.json', service)]);
    expect(out).toContain('(ray, assumed runtime kserve-huggingfaceserver-multinode)');
    expect(out).toContain('|- head    1 pod   32 x nvidia.com/gpu  [################...]\n');
    expect(out).toContain('`- worker  5 pods  8 x nvidia.com/gpu   [########] x 5\n');
  });

  test('without a plan, and without a workerSpec', async () => {
    const service = minimalService();
    service.spec.predictor.workerSpec.tensorParallelSize = 0;
    expect((await headcount(['plan', file('none.json', service)])).out).toMatch(
      /^team\/llm {3}no plan possible\n/,
    );
    delete service.spec.predictor.workerSpec;
    const single = file('single.json', service);
    expect((await headcount(['plan', single])).out).toMatch(/^team\/llm {3}single node: no workerSpec/);
    expect((await json(['plan', single])).services[0]).toMatchObject({
      nodes: null,
      gpu: null,
      worker: null,
    });
  });

  test('names with control characters are shown, not sent to the terminal', async () => {
    const service = minimalService();
    service.metadata.name = 'a\u001B[31m';
    const { out } = await headcount(['plan', file('escape.json', service)]);
    expect(out).not.toContain('\u001B');
    expect(out).toContain('a\\u{1b}[31m');
  });

  test('colours where they are asked for', async () => {
    const colours = async (env: Record<string, string>, isTTY: boolean): Promise<boolean> =>
      (await headcount(['plan', DENIED], { env, isTTY })).out.includes('\u001B[');
    expect(await colours({}, false)).toBe(false);
    expect(await colours({}, true)).toBe(true);
    expect(await colours({ NO_COLOR: '1' }, true)).toBe(false);
    expect(await colours({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(await colours({ TERM: 'dumb' }, true)).toBe(false);
  });

  test('JSON in its documented shape and order', async () => {
    const document = await json(['plan', SERVICE, DENIED]);
    isPlan(document);
    expect(document.skipped).toBe(1);
    const [first, second] = document.services;
    expect(Object.keys(first)).toEqual([
      'namespace',
      'name',
      'runtime',
      'backend',
      'tensorParallelSize',
      'pipelineParallelSize',
      'nodes',
      'gpu',
      'head',
      'worker',
      'normalized',
      'findings',
    ]);
    expect(first).toMatchObject({
      namespace: 'team',
      name: 'llm',
      runtime: {
        kind: 'ClusterServingRuntime',
        name: 'kserve-huggingfaceserver-multinode',
        selected: 'named',
      },
      backend: 'ray',
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
      nodes: 2,
      gpu: { resource: 'nvidia.com/gpu', required: 16, allocated: 16, idle: 0, rolloutPeak: 32 },
      head: { replicas: 1, gpus: 8 },
      worker: { replicas: 1, gpus: 8 },
      normalized: null,
    });
    expect(second).toMatchObject({
      namespace: 'default',
      tensorParallelSize: 8,
      pipelineParallelSize: 2,
      runtime: { selected: 'auto' },
      normalized: { tensorParallelSize: 16, pipelineParallelSize: null },
    });
  });

  test('Recreate has no peak', async () => {
    const service = minimalService();
    service.spec.predictor.deploymentStrategy = { type: 'Recreate' };
    service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
    const { services } = await json(['plan', '-'], JSON.stringify(service));
    expect(services[0].gpu).toMatchObject({ allocated: 16, rolloutPeak: 16 });
  });

  test('the same bytes twice', async () => {
    const once = await headcount(['plan', FIXTURES, '-o', 'json']);
    expect(await headcount(['plan', FIXTURES, '-o', 'json'])).toEqual(once);
  });

  describe('--explain', () => {
    const explained = async (change: (service: Loose, runtime: Loose) => void): Promise<string> => {
      const [service, runtime] = [minimalService(), minimalRuntime()];
      change(service, runtime);
      return (
        await headcount(['plan', '-', '--explain'], {
          stdin: JSON.stringify({ kind: 'List', items: [service, runtime] }),
        })
      ).out;
    };
    const worker = (service: Loose): Loose => service.spec.predictor.workerSpec;
    test.each<[string, (service: Loose, runtime: Loose) => void, readonly string[]]>([
      [
        'head and worker given',
        () => {},
        [
          'TP = 8: from spec.predictor.workerSpec.tensorParallelSize',
          'pods = required / W, rounded up = 16 / 8 = 2',
          'head = H = 8; each worker = W = 8',
        ],
      ],
      [
        'the worker only, as a limit',
        (service) => {
          delete service.spec.predictor.model.resources;
          worker(service).containers[0].resources = { limits: { 'nvidia.com/gpu': '8' } };
        },
        [
          'H = 0: no GPUs are requested for the head',
          'W = 8: copied from spec.predictor.workerSpec.containers[0].resources.limits[nvidia.com/gpu]',
          'head = required - W x (pods - 1) = 16 - 8 x 1 = 8; each worker = W = 8',
        ],
      ],
      [
        'the head only',
        (service) => delete worker(service).containers,
        ['only the head requests GPUs: each worker gets 1', 'pods = required - H + 1 = 16 - 8 + 1 = 9'],
      ],
      [
        'nothing, and sizes of the runtime',
        (service, runtime) => {
          service.spec.predictor.workerSpec = {};
          delete service.spec.predictor.model.resources;
          runtime.spec.workerSpec.pipelineParallelSize = 2;
        },
        [
          'PP = 2: from spec.workerSpec.pipelineParallelSize of the runtime',
          'neither is requested: one GPU a pod, so pods = required = 2',
        ],
      ],
      [
        'one node',
        (service) => (worker(service).pipelineParallelSize = 1),
        ['one pod: the head gets all 8 GPUs, no worker is made'],
      ],
      [
        'back end mp',
        (_service, runtime) => (runtime.spec.annotations = { 'multinode/executor-backend': 'mp' }),
        [
          'back end mp: KServe ignores what head and worker request',
          'pods = PP = 2; GPUs of each pod = TP = 8',
        ],
      ],
      [
        'too few',
        (service) => {
          for (const kind of ['requests', 'limits'])
            service.spec.predictor.model.resources[kind]['nvidia.com/gpu'] = 1;
        },
        ['too few = required 16 - allocated 9 = 7'],
      ],
    ])('%s', async (_what, change, lines) => {
      const out = await explained(change);
      for (const line of lines) expect(out.split('\n')).toContain(`  ${line}`);
    });
  });
});

describe('lint', () => {
  test('text: file:line:column severity rule field: message, then the fix', async () => {
    const { out, err } = await headcount(['lint', DENIED]);
    expect(out).toMatch(
      /^test\/fixtures\/cli-denied\.yaml:14:9 deny head-replicas spec\.predictor\.minReplicas: .+\n {2}fix: .+$/m,
    );
    expect(out).toMatch(/^1 service in 1 file: 1 denied, \d+ warnings?, \d+ notes?\n$/m);
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

describe('input', () => {
  const names = async (...argv: readonly string[]): Promise<string[]> =>
    (await json(['plan', ...argv])).services.map((service: Loose) => service.name);
  const service = (name: string): Loose => ({ ...minimalService(), metadata: { name, namespace: 'team' } });

  test('directories, by name and with what is below; other extensions and hidden directories left out', async () => {
    for (const name of ['b.yaml', 'a/z.yml', 'c.json', 'd.txt', '.git/x.yaml', '..data/y.yaml']) {
      file(`tree/${name}`, service(name.replaceAll(/[^a-z]/g, '-')));
    }
    symlinkSync(join(scratch, 'tree/d.txt'), join(scratch, 'tree/e.yaml'));
    expect(await names(join(scratch, 'tree'))).toEqual(['a-z-yml', 'b-yaml', 'c-json', 'd-txt']);
  });

  test('a typed list whose items leave their kind to it', async () => {
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

describe('review', () => {
  const review = (object: Loose, uid: unknown = 'u-1'): Loose => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      operation: 'CREATE',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      name: 'llm',
      namespace: 'team',
      object,
    },
  });
  const ask = async (object: Loose, ...argv: readonly string[]): Promise<{ code: number; answer: Loose }> => {
    const { code, out } = await headcount(['review', '-', ...argv], { stdin: JSON.stringify(object) });
    return { code, answer: JSON.parse(out) };
  };
  const fine = minimalService();
  fine.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';

  test('allowed', async () => {
    const { code, answer } = await ask(review(fine));
    expect(code).toBe(0);
    expect(answer.response).toMatchObject({ uid: 'u-1', allowed: true });
    expect(answer.response).not.toHaveProperty('patch');
  });

  test('denied', async () => {
    const bad = structuredClone(fine);
    bad.spec.predictor.minReplicas = 2;
    const { code, answer } = await ask(review(bad));
    expect(code).toBe(1);
    expect(answer.response).toMatchObject({ allowed: false, status: { code: 422 } });
  });

  test('both: /validate judges what /mutate has made', async () => {
    const bare = structuredClone(fine);
    delete bare.metadata.annotations;
    bare.spec.predictor.workerSpec = { tensorParallelSize: 8, pipelineParallelSize: 2 };
    expect((await ask(review(bare))).answer.response.allowed).toBe(false);
    const { code, answer } = await ask(review(bare), '--endpoint', 'both');
    expect(code).toBe(0);
    expect(Object.keys(answer)).toEqual(['mutate', 'validate']);
    expect(answer.mutate.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(answer.validate.response.allowed).toBe(true);
  });

  test('refused with a uid is an answer, without one wrong use', async () => {
    const { code, answer } = await ask(review(null));
    expect(code).toBe(1);
    expect(answer.response.status.code).toBe(400);
    expect((await headcount(['review', '-'], { stdin: JSON.stringify(review(fine, null)) })).code).toBe(2);
  });

  test('as YAML', async () => {
    const stdin = `kind: AdmissionReview\napiVersion: admission.k8s.io/v1\nrequest: ${JSON.stringify(review(fine).request)}\n`;
    expect((await headcount(['review', '-'], { stdin })).code).toBe(0);
  });
});

/** Packages that a module and what it imports statically bring along. */
function packagesOf(path: string, seen = new Map<string, readonly string[]>()): Set<string> {
  if (!seen.has(path)) {
    const imports = [
      ...readFileSync(path, 'utf8').matchAll(/^(?:import|export)\s(?!type)[^;]*?from '([^']+)'/gm),
    ];
    const targets = imports.map((match) => match[1] ?? '');
    seen.set(path, targets);
    for (const target of targets) if (target.startsWith('.')) packagesOf(join(dirname(path), target), seen);
  }
  return new Set(
    [...seen.values()].flat().filter((target) => !target.startsWith('.') && !target.startsWith('node:')),
  );
}

test('plan and lint load no server, no schema compiler and no client', () => {
  for (const name of ['main', 'cli/plan', 'cli/lint']) {
    expect([...packagesOf(join(ROOT, 'src', `${name}.ts`))].filter((target) => target !== 'yaml')).toEqual(
      [],
    );
  }
});
