/** Where the pods of a service go, now and at the peak of a roll-out, and what the others wait for. */
import { describe, expect, test } from '@jest/globals';
import { forecast, type Fit } from '../../src/fit/forecast.ts';
import type { Outcome } from '../../src/fit/placing.ts';
import { queueOf } from '../../src/fit/queue.ts';
import { readService } from '../../src/kserve/view.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { fitOf, requestOf, stockOf } from './placing.ts';

const GPU = 'nvidia.com/gpu';

function node(name: string, gpus: number, more: Loose = {}): Loose {
  const allocatable = { [GPU]: String(gpus), cpu: '64', memory: '512Gi', pods: '110', ...more.allocatable };
  const { spec = {}, labels = {} } = more;
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec, status: { allocatable } };
}

function pod(name: string, on: string | null, gpus: number, labels: Loose = {}, namespace = 'team'): Loose {
  const resources = { requests: { [GPU]: String(gpus) }, limits: { [GPU]: String(gpus) } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { ...(on !== null && { nodeName: on }), containers: [{ name: 'main', resources }] },
  };
}

const headOf = (of: string): Loose => ({ app: `isvc.${of}-predictor` });
const workerOf = (of: string): Loose => ({ app: `isvc.${of}-predictor-worker` });

/** Two pods of 8 GPUs, unless a row changes that. */
function service(change: (service: Loose) => void = () => {}): Loose {
  const object = minimalService();
  change(object);
  return object;
}

function fit(objects: readonly Loose[], change: (service: Loose) => void = () => {}): Fit {
  return fitOf(requestOf(service(change), minimalRuntime()), stockOf(...objects));
}

const nodesOf = ({ pods }: Outcome): readonly (string | null)[] => pods.map(({ node: name }) => name);
const waitsOf = ({ pods }: Outcome): readonly (string | null)[] =>
  pods.flatMap(({ waitsFor }) => waitsFor ?? []);
const strategy = (deploymentStrategy: Loose) => (object: Loose) =>
  (object.spec.predictor.deploymentStrategy = deploymentStrategy);

describe('now', () => {
  test('each pod goes to the first node by name with room', () => {
    const { now } = fit([node('c', 8), node('b', 8), node('a', 4)]);
    expect(now).toEqual({
      fits: true,
      answer: 'yes',
      pods: [
        { role: 'head', node: 'b', waitsFor: null },
        { role: 'worker', node: 'c', waitsFor: null },
      ],
      quota: null,
      otherwise: null,
    });
  });

  test('two pods on one node', () => expect(nodesOf(fit([node('a', 16)]).now)).toEqual(['a', 'a']));

  test('pods that are bound take room, those that wait or have ended do not', () => {
    const ended = { ...pod('done', 'a', 8), status: { phase: 'Succeeded' } };
    expect(fit([node('a', 8), node('b', 8), pod('wait', null, 8), ended]).now.fits).toBe(true);
    const { now } = fit([node('a', 8), node('b', 8), pod('run', 'a', 1)]);
    expect(now.fits).toBe(false);
    expect(nodesOf(now)).toEqual(['b', null]);
  });

  test('a pod on a node that is not listed takes nothing of the others', () => {
    expect(fit([node('a', 16), pod('elsewhere', 'gone', 8)]).now.fits).toBe(true);
  });

  test('a node that is overcommitted takes no more', () => {
    expect(nodesOf(fit([node('a', 16), pod('x', 'a', 16), pod('y', 'a', 16), node('b', 16)]).now)).toEqual([
      'b',
      'b',
    ]);
  });

  test("the service's own pods make way, and their nodes are tried first", () => {
    const own = [pod('h', 'b', 8, headOf('llm')), pod('w', 'c', 8, workerOf('llm'))];
    expect(nodesOf(fit([node('a', 8), node('b', 8), node('c', 8), ...own]).now)).toEqual(['b', 'c']);
  });

  test.each([
    ['another namespace', pod('h', 'a', 8, headOf('llm'), 'other')],
    ['another service', pod('h', 'a', 8, headOf('llm2'))],
    [
      'a transformer of the service',
      pod('t', 'a', 8, { 'serving.kserve.io/inferenceservice': 'llm', component: 'transformer' }),
    ],
  ])('not its own: a pod of %s', (_what, other) => {
    expect(nodesOf(fit([node('a', 8), node('b', 8), other]).now)).toEqual(['b', null]);
  });

  test('its own by the labels of the predictor, where its Deployment has another name', () => {
    const labels = { 'serving.kserve.io/inferenceservice': 'llm', component: 'predictor' };
    const own = [
      pod('h', 'a', 8, { ...labels, app: 'isvc.llm-blue-predictor' }),
      pod('w', 'b', 8, { ...labels, app: 'isvc.llm-blue-predictor-worker' }),
    ];
    expect(nodesOf(fit([node('a', 8), node('b', 8), ...own]).now)).toEqual(['a', 'b']);
  });

  test('a stopped service has no pods to place', () => {
    const stopped = requestOf(service(), minimalRuntime());
    const templates: typeof stopped.templates = [];
    expect(fitOf({ ...stopped, templates }, stockOf()).now).toEqual({
      fits: true,
      answer: 'yes',
      pods: [],
      quota: null,
      otherwise: null,
    });
  });
});

describe('what a pod waits for', () => {
  test.each<readonly [string, readonly Loose[], string]>([
    ['no nodes', [], 'there are no nodes'],
    ['GPUs', [node('a', 4), node('b', 4), node('c', 4)], 'no node offers 8 free nvidia.com/gpu: 3 have 4'],
    [
      'GPUs, of which some have none',
      [node('a', 4), node('b', 0), node('c', 16), pod('x', 'c', 11)],
      'no node offers 8 free nvidia.com/gpu: 1 has 5, 1 has 4, 1 has none',
    ],
    [
      'a place for a pod',
      [node('a', 8, { allocatable: { pods: '0' } })],
      'no node offers a free place for a pod: 1 has none',
    ],
    [
      'nodes that are not for it',
      [
        node('a', 8, { spec: { taints: [{ key: 'gpu', value: 'only', effect: 'NoSchedule' }] } }),
        node('b', 8, { spec: { unschedulable: true } }),
        node('c', 8, { spec: { unschedulable: true } }),
      ],
      'no node is for it: 1 has the taint gpu=only:NoSchedule, 2 are cordoned',
    ],
    [
      'GPUs here, and nodes that are not for it',
      [node('a', 8, { spec: { unschedulable: true } }), node('b', 2)],
      'no node offers 8 free nvidia.com/gpu: 1 has 2, 1 is cordoned',
    ],
    [
      'many reasons: the first ones, and a count',
      [node('a', 7), node('b', 6), node('c', 5), node('d', 4), node('e', 3)],
      'no node offers 8 free nvidia.com/gpu: 1 has 7, 1 has 6, 1 has 5, 2 more have too little or are not for it',
    ],
  ])('%s', (_what, objects, sentence) => {
    const { now } = fit(objects);
    expect([now.fits, ...waitsOf(now)]).toEqual([false, sentence, sentence]);
  });

  test('amounts that read the same are one', () => {
    const memory = (name: string, amount: string): Loose =>
      node(name, 8, { allocatable: { memory: amount } });
    const { now } = fit(
      [memory('a', '1073741824'), memory('b', '1073741830'), memory('c', '2Gi')],
      (object) => {
        object.spec.predictor.model.resources.requests.memory = '4Gi';
      },
    );
    expect(waitsOf(now)[0]).toBe('no node offers 4Gi free memory: 1 has 2Gi, 2 have 1Gi');
  });

  test('cpu and memory beside GPUs, each with its unit', () => {
    const { now } = fit([node('a', 4), node('b', 8, { allocatable: { memory: '31Gi' } })], ({ spec }) => {
      spec.predictor.model.resources.requests.memory = '32Gi';
    });
    expect(waitsOf(now)[0]).toBe(
      'no node offers 8 free nvidia.com/gpu and 32Gi free memory: 1 has 4 nvidia.com/gpu, 1 has 31Gi memory',
    );
  });
});

describe("where the head's node decides", () => {
  const smallHead = ({ spec: { predictor } }: Loose): void => {
    for (const part of ['requests', 'limits']) predictor.model.resources[part][GPU] = '4';
    Object.assign(predictor.workerSpec, { tensorParallelSize: 4, pipelineParallelSize: 3 });
  };

  test('the first node lets all pods fit, another one does not', () => {
    const { now } = fit([node('a', 4), node('b', 8)], smallHead);
    expect([now.answer, nodesOf(now)]).toEqual(['depends', ['a', 'b']]);
    expect(now.otherwise).toEqual({ head: 'b', fits: false });
  });

  test('the first node does not, another one does', () => {
    const { now } = fit([node('a', 8), node('b', 4)], smallHead);
    expect([now.answer, nodesOf(now)]).toEqual(['depends', ['a', null]]);
    expect(now.otherwise).toEqual({ head: 'b', fits: true });
  });

  test('every node for the head leaves room for the worker: it fits', () => {
    const { now } = fit([node('a', 4), node('b', 8), node('c', 8)], smallHead);
    expect([now.answer, now.fits, now.otherwise]).toEqual(['yes', true, null]);
  });

  test("a worker that comes first can take the head's only node", () => {
    const zone = { labels: { zone: 'a' } };
    const inZone = (object: Loose): void => {
      smallHead(object);
      object.spec.predictor.nodeSelector = { zone: 'a' };
    };
    const { now } = fit([node('a', 8, zone), node('b', 8)], inZone);
    expect([now.answer, now.fits, nodesOf(now), now.otherwise]).toEqual(['depends', false, ['a', 'b'], null]);
    expect(fit([node('a', 12, zone), node('b', 8)], inZone).now.fits).toBe(true);
  });

  test('none of it where all nodes give the same, where the head has no room, or where a quota decides', () => {
    expect(fit([node('a', 8), node('b', 8)], smallHead).now.otherwise).toBeNull();
    expect(fit([node('a', 2)], smallHead).now.otherwise).toBeNull();
    const limit = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'team' } };
    const quota = { ...limit, spec: { hard: { pods: '1' } } };
    expect(fit([node('a', 8), node('b', 4), quota], smallHead).now.otherwise).toBeNull();
  });
});

describe('the peak of a roll-out', () => {
  const four = ['a', 'b', 'c', 'd'].map((name) => node(name, 8));
  const running = [pod('h', 'a', 8, headOf('llm')), pod('w', 'b', 8, workerOf('llm'))];

  test('of a new service: the new pods beside those of now', () => {
    expect(nodesOf(fit(four).peak)).toEqual(['c', 'd']);
    const { now, peak } = fit(four.slice(0, 3));
    expect([now.fits, peak.fits]).toEqual([true, false]);
    expect(nodesOf(peak)).toEqual(['c', null]);
  });

  test('of a running service: the new pods beside its own', () => {
    expect(nodesOf(fit([...four, ...running]).peak)).toEqual(['c', 'd']);
    const { now, peak } = fit([...four.slice(0, 2), ...running]);
    expect([now.fits, peak.fits]).toEqual([true, false]);
    expect(nodesOf(peak)).toEqual([null, null]);
  });

  test('of a change from another plan that does not run here: beside its pods', () => {
    const before = requestOf(
      service(({ spec }) => (spec.predictor.workerSpec.pipelineParallelSize = 3)),
      minimalRuntime(),
    ).templates;
    const request = { ...requestOf(service(), minimalRuntime()), before };
    expect(nodesOf(fitOf(request, stockOf(...four)).peak)).toEqual(['d', null]);
  });

  test('Recreate: as now', () => {
    const { now, peak } = fit([...four.slice(0, 2), ...running], strategy({ type: 'Recreate' }));
    expect(peak).toEqual(now);
    expect(peak.fits).toBe(true);
  });

  test('rollingUpdate with a type holds for the head alone', () => {
    const { peak } = fit(
      [...four, ...running],
      strategy({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }),
    );
    expect(peak.pods).toEqual([{ role: 'worker', node: 'c', waitsFor: null }]);
  });

  test('rollingUpdate without a type holds for both', () => {
    const surge = strategy({ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
    expect(fit([...four.slice(0, 2), ...running], surge).peak).toEqual({
      fits: true,
      answer: 'yes',
      pods: [],
      quota: null,
      otherwise: null,
    });
  });

  test('where the pods of now go decides about those of the roll-out', () => {
    const mixed = ({ spec: { predictor } }: Loose): void => {
      for (const part of ['requests', 'limits']) predictor.model.resources[part][GPU] = '4';
      Object.assign(predictor.workerSpec, { tensorParallelSize: 4, pipelineParallelSize: 3 });
    };
    const answers = (...nodes: readonly Loose[]): readonly string[] => {
      const { now, peak } = fit(nodes, mixed);
      return [now.answer, peak.answer];
    };
    // The two heads share a node, or close two.
    expect(answers(...four.slice(0, 3))).toEqual(['yes', 'depends']);
    expect(answers(...four)).toEqual(['yes', 'yes']);
    expect(answers(...four.slice(0, 2))).toEqual(['yes', 'no']);
  });

  test('what does not fit now does not fit at the peak', () => {
    const { peak } = fit([node('a', 8)], strategy({ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }));
    expect(peak).toEqual({ fits: false, answer: 'no', pods: [], quota: null, otherwise: null });
  });
});

describe('several services', () => {
  const two = (): [Loose, Loose] => [service(), service(({ metadata }) => (metadata.name = 'second'))];
  const requests = (): ReturnType<typeof requestOf>[] => two().map((one) => requestOf(one, minimalRuntime()));

  test('each takes the room that the ones before it have left', () => {
    const [first, second] = forecast(requests(), stockOf(node('a', 16), node('b', 8)));
    expect(nodesOf(first?.now as Outcome)).toEqual(['a', 'a']);
    expect(nodesOf(second?.now as Outcome)).toEqual(['b', null]);
  });

  test('the next one fits where it does so wherever the pods of the first may go', () => {
    const small = service(({ spec: { predictor } }) => {
      for (const resources of [predictor.model.resources, predictor.workerSpec.containers[0].resources])
        for (const part of ['requests', 'limits']) resources[part][GPU] = '4';
      predictor.workerSpec.tensorParallelSize = 4;
    });
    const large = service(({ metadata }) => (metadata.name = 'second'));
    const both = [small, large].map((one) => requestOf(one, minimalRuntime()));
    const answers = (count: number): readonly unknown[] =>
      forecast(both, stockOf(...['a', 'b', 'c', 'd'].slice(0, count).map((name) => node(name, 8)))).map(
        (one) => one?.now.answer,
      );
    // The two pods of four share a node, or close two.
    expect(answers(4)).toEqual(['yes', 'yes']);
    expect(answers(3)).toEqual(['yes', 'depends']);
    expect(answers(2)).toEqual(['yes', 'no']);
  });

  test('a service that is there twice replaces its own pods once', () => {
    const twice = [requestOf(service(), minimalRuntime()), requestOf(service(), minimalRuntime())];
    const own = [pod('h', 'a', 8, headOf('llm')), pod('w', 'a', 8, workerOf('llm'))];
    const [first, second] = forecast(twice, stockOf(node('a', 16), ...own));
    expect([first?.now.fits, second?.now.fits]).toEqual([true, false]);
  });

  test('one that has no plan is left out, and takes nothing', () => {
    const [first, second] = forecast([null, ...requests()], stockOf(node('a', 16)));
    expect(first).toBeNull();
    expect(second?.now.fits).toBe(true);
  });

  test('one with more pods than are placed one by one is left out', () => {
    const [request] = requests();
    const templates = request?.templates.map((template) => ({ ...template, replicas: 1_000_000_000 })) ?? [];
    expect(forecast([{ ...(request as NonNullable<typeof request>), templates }], stockOf())).toEqual([null]);
  });
});

describe('quotas', () => {
  const quota = (hard: Loose, more: Loose = {}): Loose => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'gpus', namespace: 'team', ...more.metadata },
    spec: { hard, ...more.spec },
    ...(more.used !== undefined && { status: { hard, used: more.used } }),
  });
  const room = [node('a', 64)];
  const gpus = { [`requests.${GPU}`]: '12' };

  test('the first pod that a quota refuses, and what it has', () => {
    const { now } = fit([...room, quota(gpus, { used: { [`requests.${GPU}`]: '3' } })]);
    expect(now).toEqual({
      fits: false,
      answer: 'no',
      pods: [
        { role: 'head', node: 'a', waitsFor: null },
        {
          role: 'worker',
          node: null,
          waitsFor: 'the quota gpus has 11 of 12 requests.nvidia.com/gpu in use, and the pod asks for 8',
        },
      ],
      quota: { name: 'gpus', resource: `requests.${GPU}`, requested: '8', used: '11', hard: '12' },
      otherwise: null,
    });
  });

  test('of a service that is refused in part the first pods decide what is left for the next', () => {
    const uneven = service(({ spec }) => {
      for (const part of ['requests', 'limits']) spec.predictor.model.resources[part][GPU] = '4';
      Object.assign(spec.predictor.workerSpec, { tensorParallelSize: 4, pipelineParallelSize: 3 });
    });
    const next = service(({ metadata, spec: { predictor } }) => {
      metadata.name = 'second';
      for (const resources of [predictor.model.resources, predictor.workerSpec.containers[0].resources])
        for (const part of ['requests', 'limits']) resources[part][GPU] = '2';
      predictor.workerSpec.tensorParallelSize = 2;
    });
    const requests = [uneven, next].map((one) => requestOf(one, minimalRuntime()));
    const stock = stockOf(...room, quota({ [`requests.${GPU}`]: '10' }));
    const [first, second] = forecast(requests, stock);
    // With the head of 4 there are 6 left, with the worker of 8 there are 2.
    expect([first?.now.answer, second?.now.answer]).toEqual(['no', 'depends']);
    expect(nodesOf(second?.now as Outcome)).toEqual(['a', 'a']);
  });

  test("its own pods' share comes free for now, and not at the peak", () => {
    const own = [pod('h', 'a', 8, headOf('llm')), pod('w', 'a', 8, workerOf('llm'))];
    const used = { [`requests.${GPU}`]: '16' };
    const { now, peak } = fit([...room, ...own, quota({ [`requests.${GPU}`]: '16' }, { used })]);
    expect([now.fits, peak.fits, peak.quota?.used]).toEqual([true, false, '16']);
  });

  test('without a status the pods of the namespace are counted', () => {
    const { now } = fit([...room, pod('x', 'a', 4), pod('y', 'a', 4, {}, 'other'), quota(gpus)]);
    expect(now.pods[1]?.waitsFor).toContain('has 12 of 12');
  });

  test.each<readonly [string, Loose, Loose, boolean]>([
    ['of another namespace', { pods: '0' }, { metadata: { namespace: 'other' } }, true],
    ['of pods', { pods: '1' }, {}, false],
    ['of stored pods', { 'count/pods': '1' }, {}, false],
    ['of pods without a deadline', { pods: '1' }, { spec: { scopes: ['NotTerminating'] } }, false],
    ['of pods with a deadline', { pods: '1' }, { spec: { scopes: ['Terminating'] } }, true],
    ['of pods that state no cpu and memory', { pods: '1' }, { spec: { scopes: ['BestEffort'] } }, false],
    ['of pods that state some', { pods: '1' }, { spec: { scopes: ['NotBestEffort'] } }, true],
    ['of an unknown scope', { pods: '1' }, { spec: { scopes: ['Tomorrow'] } }, true],
    ['of what no container asks for', { 'requests.amd.com/gpu': '0' }, {}, true],
    ['of cpu, which no container states', { 'limits.cpu': '100' }, {}, false],
    [
      'of a priority class that it has not',
      { pods: '1' },
      { spec: { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } } },
      true,
    ],
    [
      'of all but a priority class',
      { pods: '1' },
      {
        spec: {
          scopeSelector: {
            matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }],
          },
        },
      },
      false,
    ],
  ])('%s', (_what, hard, more, fits) => {
    expect(fit([...room, quota(hard, more)]).now.fits).toBe(fits);
  });

  test('one of a priority class that it has', () => {
    const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }];
    const objects = [...room, quota({ pods: '1' }, { spec: { scopeSelector: { matchExpressions } } })];
    const { now } = fit(objects, ({ spec }) => {
      spec.predictor.priorityClassName = 'high';
      spec.predictor.workerSpec.priorityClassName = 'high';
    });
    expect(nodesOf(now)).toEqual(['a', null]);
  });

  test('what has to be stated', () => {
    const { now } = fit([...room, quota({ 'requests.memory': '1Ti' })]);
    expect(now.quota).toMatchObject({ resource: 'requests.memory', requested: null });
    expect(now.pods[0]?.waitsFor).toBe('the quota gpus wants every container to state requests.memory');
  });
});

test("Kueue's queue, by the label of the service or of its predictor", () => {
  const label = { 'kueue.x-k8s.io/queue-name': 'gpus' };
  const labelled = (change: (object: Loose) => void): string | null => queueOf(readService(service(change)));
  expect(labelled(() => {})).toBeNull();
  expect(labelled(({ metadata }) => (metadata.labels = label))).toBe('gpus');
  expect(labelled(({ spec }) => (spec.predictor.labels = label))).toBe('gpus');
});
