/** The pipeline's decisions: objects that are not judged, denials, updates of old mistakes, and failed reads. */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import type { AdmissionRequest, Decision, Phase } from '../../src/admission/decision.ts';
import { Unavailable, type Cluster } from '../../src/cluster/cluster.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { ApiServer, clusterOf, configOf, patched, requestFor } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { capturedReview, shippedRuntime, testWithShared } from '../support/shared.ts';

const PHASES: readonly Phase[] = ['mutate', 'validate'];

function ask(
  phase: Phase,
  request: AdmissionRequest,
  cluster: Cluster = clusterOf(),
  config: Config = DEFAULTS,
): Promise<Decision> {
  return admit(phase, request, cluster, config);
}

function denied(decision: Decision): string[] {
  return decision.outcome === 'deny' ? decision.findings.map((finding) => finding.rule) : [];
}

function warned(decision: Decision): string[] {
  return 'warnings' in decision ? decision.warnings.map((finding) => finding.rule) : [];
}

/** A stored service that breaks five rules, as one may have been before headcount was installed. */
function broken(): Loose {
  const service = minimalService();
  service.metadata.annotations['serving.kserve.io/autoscalerClass'] = 'hpa';
  service.spec.predictor.minReplicas = 2;
  service.spec.predictor.canaryTrafficPercent = 10;
  service.spec.predictor.model.storageUri = 's3://bucket/llama';
  service.spec.predictor.model.env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
  return service;
}
const FIVE = ['autoscaler-class', 'canary', 'head-replicas', 'parallel-size-env', 'storage-uri'];

describe('not judged: allowed without a patch', () => {
  test.each<[string, string, (object: Loose, old: Loose) => void]>([
    ['a finalizer', 'nothing-relevant-changed', (object) => (object.metadata.finalizers = ['a'])],
    ['a label', 'nothing-relevant-changed', (object) => (object.metadata.labels = { a: 'b' })],
    ['status', 'nothing-relevant-changed', (object) => (object.status = { deploymentMode: 'Standard' })],
    [
      'an annotation of others',
      'nothing-relevant-changed',
      (object) => (object.metadata.annotations.team = 'x'),
    ],
    [
      'a service under deletion',
      'being-deleted',
      (object, old) => {
        old.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
        object.metadata.annotations['serving.kserve.io/x'] = 'y';
      },
    ],
  ])('%s of a service that breaks five rules', async (_what, reason, change) => {
    const [object, old] = [broken(), broken()];
    change(object, old);
    for (const phase of PHASES) {
      expect(await ask(phase, requestFor(object, old))).toMatchObject({
        outcome: 'allow',
        notJudged: reason,
        patch: [],
      });
    }
  });

  test.each<[string, string, Partial<AdmissionRequest>]>([
    ['a subresource', 'subresource', { subResource: 'status' }],
    ['another kind', 'other-kind', { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }],
    ['a deletion', 'other-operation', { operation: 'DELETE' }],
  ])('%s', async (_what, reason, change) => {
    const request = { ...requestFor(broken()), ...change };
    for (const phase of PHASES)
      expect(await ask(phase, request)).toMatchObject({ outcome: 'allow', notJudged: reason });
  });

  test.each<[string, string]>([
    ['headcount-probe-mutating', 'probed'],
    ['headcount-probe-validating', 'probed'],
    ['another-event', 'allow'],
  ])('an Event called %s: %s', async (name, outcome) => {
    const request = { ...requestFor({}), name, kind: { group: '', version: 'v1', kind: 'Event' } };
    for (const phase of PHASES) expect(await ask(phase, request)).toMatchObject({ outcome });
  });

  test('annotations that Kubernetes will refuse are let through by /mutate alone', async () => {
    const service = broken();
    service.metadata.annotations['example.com/notes'] = 'x'.repeat(256 * 1024);
    expect(await ask('mutate', requestFor(service))).toMatchObject({
      outcome: 'allow',
      notJudged: 'annotations-too-large',
      patch: [],
    });
    expect(denied(await ask('validate', requestFor(service))).toSorted()).toEqual(FIVE);
  });

  test('a service without workerSpec', async () => {
    const service = minimalService();
    delete service.spec.predictor.workerSpec;
    delete service.spec.predictor.model.runtime;
    expect(await ask('validate', requestFor(service))).toMatchObject({ notJudged: 'not-multi-node' });
  });

  testWithShared('captured: the finalizer that KServe’s controller adds', async () => {
    for (const [folder, phase] of [
      ['mutating', 'mutate'],
      ['validating', 'validate'],
    ] as const) {
      const { request } = capturedReview(`${folder}/update-by-controller-finalizers`);
      const decision = await ask(phase, { ...request, subResource: '' }, clusterOf([shippedRuntime()]));
      expect(decision).toMatchObject({ outcome: 'allow', notJudged: 'nothing-relevant-changed', patch: [] });
    }
  });
});

describe('updates', () => {
  test('touching one of five old mistakes refuses that one and warns of the others', async () => {
    const object = broken();
    object.spec.predictor.minReplicas = 3;
    for (const phase of PHASES) {
      const decision = await ask(phase, requestFor(object, broken()));
      expect(denied(decision)).toEqual(['head-replicas']);
      expect(warned(decision)).toEqual(
        expect.arrayContaining(FIVE.filter((rule) => rule !== 'head-replicas')),
      );
    }
  });

  test('an untouched old mistake does not refuse an unrelated change', async () => {
    const object = broken();
    object.spec.predictor.model.args = ['--distributed-executor-backend=ray', '--max-model-len=4096'];
    const decision = await ask('validate', requestFor(object, broken()));
    expect(decision.outcome).toBe('allow');
    expect(warned(decision)).toEqual(expect.arrayContaining(FIVE));
  });

  test('a new entry before an old mistake does not make it a new one', async () => {
    const object = broken();
    object.spec.predictor.model.env.unshift({ name: 'A', value: '1' });
    expect((await ask('validate', requestFor(object, broken()))).outcome).toBe('allow');
  });

  testWithShared(
    'captured: kubectl apply of TP 8 over TP 1 gets HEAD_SVC of the next generation',
    async () => {
      const { request } = capturedReview('mutating/update-client-side-apply');
      const decision = await ask('mutate', { ...request, subResource: '' }, clusterOf([shippedRuntime()]));
      const result = patched(request.object, decision.outcome === 'allow' ? [...decision.patch] : []);
      expect(result.spec.predictor.workerSpec.containers[0].env).toContainEqual({
        name: 'HEAD_SVC',
        value: 'huggingface-llama3-head-2',
      });
    },
  );

  testWithShared(
    'captured: on create, HEAD_SVC has generation 1; with generateName there is none',
    async () => {
      for (const [name, expected] of [
        ['create-client-side-apply', 'huggingface-llama3-head-1'],
        ['create-server-side-apply', 'second-head-1'],
        ['create-generate-name', undefined],
      ] as const) {
        const { request } = capturedReview(`mutating/${name}`);
        const decision = await ask(
          'mutate',
          { name: '', ...request, subResource: '' },
          clusterOf([shippedRuntime()]),
        );
        const result = patched(request.object, decision.outcome === 'allow' ? [...decision.patch] : []);
        const { env } = result.spec.predictor.workerSpec.containers[0];
        expect(env.find((entry: Loose) => entry.name === 'HEAD_SVC')?.value).toBe(expected);
      }
    },
  );
});

describe('updates of a service with more faults of a rule than are listed', () => {
  /** Each container has an env of its own that is a fault. */
  const faulty = (count: number, from = 0): Loose => {
    const service = minimalService();
    service.metadata.generation = 1;
    service.spec.predictor.initContainers = Array.from({ length: count }, (_, index) => ({
      name: `init-${from + index}`,
      image: 'x',
      env: [{ name: 'PYTHONPATH', value: 'a' }],
    }));
    return service;
  };
  const updated = (phase: Phase, now: Loose, before: Loose): Promise<Decision> =>
    ask(phase, requestFor(now, before));

  test.each<[string, Loose, 'allow' | 'deny']>([
    ['one is taken out', faulty(102, 1), 'allow'],
    ['four are taken out, and all that are left are listed', faulty(99), 'allow'],
    ['as many are left', faulty(103, 50), 'allow'],
    ['one is added', faulty(104), 'deny'],
  ])('%s', async (_what, now, outcome) => {
    for (const phase of PHASES) expect(await updated(phase, now, faulty(103))).toMatchObject({ outcome });
  });

  test('a fault of another rule is denied, and so is one too many where all were listed', async () => {
    const other = faulty(102);
    other.spec.predictor.minReplicas = 2;
    for (const phase of PHASES) {
      expect(denied(await updated(phase, other, faulty(103)))).toEqual(['head-replicas']);
      expect(denied(await updated(phase, faulty(101), faulty(100)))).toEqual(['reserved-env']);
    }
  });
});

describe('answers', () => {
  test('seven mistakes come in one answer, each with field, finding, fix and rule, the same in both phases', async () => {
    const service = broken();
    service.spec.predictor.maxReplicas = -3;
    service.spec.predictor.workerSpec.tensorParallelSize = 0;
    const answers = await Promise.all(PHASES.map((phase) => ask(phase, requestFor(service))));
    for (const decision of answers) {
      expect(decision.outcome).toBe('deny');
      if (decision.outcome !== 'deny') continue;
      expect(new Set(decision.findings.map((finding) => finding.rule))).toEqual(
        new Set([...FIVE, 'parallel-size']),
      );
      expect(decision.findings.length).toBeGreaterThanOrEqual(7);
      for (const finding of decision.findings) {
        expect(finding).toMatchObject({
          field: expect.stringMatching(/^(spec|metadata)\./),
          message: expect.stringMatching(/\w/),
          fix: expect.stringMatching(/\w/),
        });
      }
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  testWithShared(
    "the guide's named example draws neither denial nor warning, before and after /mutate",
    async () => {
      const server = new ApiServer(clusterOf([shippedRuntime()]));
      const { request } = capturedReview('mutating/create-client-side-apply');
      const { mutate, validate } = await server.write(request.object);
      expect(mutate).toMatchObject({ outcome: 'allow', warnings: [], remarks: [] });
      expect(validate).toMatchObject({ outcome: 'allow', warnings: [], remarks: [], patch: [] });
      expect(mutate.outcome === 'allow' && mutate.patch.length > 0).toBe(true);
    },
  );

  test('denyAt validate leaves /mutate to patch what it can', async () => {
    const service = minimalService();
    service.spec.predictor.minReplicas = 2;
    delete service.spec.predictor.model.resources;
    const config = configOf({ denyAt: 'validate' });
    expect(await ask('mutate', requestFor(service), clusterOf(), config)).toMatchObject({ outcome: 'allow' });
    expect(denied(await ask('validate', requestFor(service), clusterOf(), config))).toEqual([
      'head-replicas',
    ]);
  });

  test('the validating phase never patches', async () => {
    const service = minimalService();
    delete service.spec.predictor.model.resources;
    expect(await ask('validate', requestFor(service))).toMatchObject({ outcome: 'allow', patch: [] });
  });

  test('rules are set to warn or off by the configuration', async () => {
    const service = minimalService();
    service.spec.predictor.minReplicas = 2;
    const warn = configOf({ rules: { 'head-replicas': 'warn' } });
    expect(warned(await ask('validate', requestFor(service), clusterOf(), warn))).toEqual(['head-replicas']);
    const off = configOf({ rules: { 'head-replicas': 'off' } });
    expect(await ask('validate', requestFor(service), clusterOf(), off)).toMatchObject({
      outcome: 'allow',
      warnings: [],
    });
  });

  test.each([
    ['warn', { outcome: 'allow', notJudged: null }],
    ['off', { outcome: 'allow', notJudged: 'namespace-off' }],
  ])(
    'a namespace labelled enforce=%s is honoured only where the platform allows labels',
    async (label, expected) => {
      const service = minimalService();
      service.spec.predictor.minReplicas = 2;
      const cluster = clusterOf(undefined, {
        namespaceLabels: () => new Map([['headcount.dev/enforce', label]]),
      });
      expect(await ask('validate', requestFor(service), cluster)).toMatchObject({ outcome: 'deny' });
      const config = configOf({ namespaces: { labels: true, exempt: [] } });
      expect(await ask('validate', requestFor(service), cluster, config)).toMatchObject(expected);
    },
  );

  test('an exempt namespace is not judged', async () => {
    const config = configOf({ namespaces: { labels: false, exempt: ['team'] } });
    expect(await ask('validate', requestFor(broken()), clusterOf(), config)).toMatchObject({
      notJudged: 'namespace-exempt',
    });
  });
});

describe('reads that fail', () => {
  const away = clusterOf([], {
    runtime: () => Promise.reject(new Unavailable('connection refused')),
    runtimes: () => Promise.reject(new Unavailable('connection refused')),
  });

  test('the runtime: /mutate lets it through unpatched with a warning, /validate answers 503', async () => {
    const request = requestFor(minimalService());
    expect(await ask('mutate', request, away)).toMatchObject({
      outcome: 'allow',
      patch: [],
      remarks: [expect.stringContaining('could not read runtime "rt"')],
    });
    expect(await ask('validate', request, away)).toMatchObject({
      outcome: 'failed',
      code: 503,
      message: expect.stringContaining('could not read runtime "rt", try again'),
    });
  });

  test('lookupFailure warn admits what the rules without a runtime allow, and only that', async () => {
    const config = configOf({ lookupFailure: 'warn' });
    expect(await ask('validate', requestFor(minimalService()), away, config)).toMatchObject({
      outcome: 'allow',
    });
    expect(denied(await ask('validate', requestFor(broken()), away, config))).toEqual(
      expect.arrayContaining(['canary']),
    );
  });

  test('the claim: a warning that it was not checked', async () => {
    const cluster = clusterOf(undefined, {
      claim: (_namespace, name) => ({ status: 'unchecked', name, cause: 'forbidden' }),
    });
    expect(await ask('validate', requestFor(minimalService()), cluster)).toMatchObject({
      outcome: 'allow',
      remarks: [expect.stringContaining('"models" not checked: forbidden')],
    });
  });

  test('a runtime name that is no DNS name is never asked for', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = '../secrets/x';
    const cluster = clusterOf([], { runtime: () => Promise.reject(new Error('asked')) });
    expect(denied(await ask('validate', requestFor(service), cluster))).toEqual(['runtime']);
  });
});

describe('runtimes', () => {
  test('/mutate leaves a runtime alone', async () => {
    expect(await ask('mutate', requestFor(minimalRuntime()))).toMatchObject({ outcome: 'allow', patch: [] });
  });

  test('taking workerSpec out of a runtime is refused', async () => {
    const runtime = minimalRuntime();
    delete runtime.spec.workerSpec;
    const decision = await ask('validate', requestFor(runtime, minimalRuntime()));
    expect(denied(decision)).toEqual(['runtime']);
  });

  test('an old mistake of a runtime does not refuse an unrelated change', async () => {
    const [runtime, old] = [minimalRuntime(), minimalRuntime()];
    for (const each of [runtime, old]) each.spec.workerSpec.tensorParallelSize = 0;
    runtime.spec.multiModel = false;
    expect(await ask('validate', requestFor(runtime, old))).toMatchObject({ outcome: 'allow' });
  });

  test('what is wrong in a disabled runtime is a warning, and refused when it is enabled', async () => {
    const disabled = minimalRuntime();
    disabled.spec.disabled = true;
    disabled.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '2' }];
    disabled.spec.workerSpec.containers = [];
    const rules = ['parallel-size-env', 'worker-container'];
    const other = structuredClone(disabled);
    other.spec.multiModel = false;
    for (const old of [null, minimalRuntime(), other]) {
      expect(await ask('validate', requestFor(disabled, old))).toMatchObject({
        outcome: 'allow',
        warnings: rules.map((rule) => expect.objectContaining({ rule, severity: 'warn' })),
      });
    }
    const enabled = structuredClone(disabled);
    enabled.spec.disabled = false;
    expect(denied(await ask('validate', requestFor(enabled, disabled)))).toEqual(rules);
  });

  test('disabling a runtime on which services run is refused', async () => {
    const disabled = minimalRuntime();
    disabled.spec.disabled = true;
    const cluster = clusterOf([minimalRuntime()], {
      services: async function* () {
        yield [minimalService()];
      },
    });
    expect(denied(await ask('validate', requestFor(disabled, minimalRuntime()), cluster))).toEqual([
      'runtime-change',
    ]);
  });
});
