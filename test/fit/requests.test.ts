/** What a pod requests, as kube-scheduler counts; the rows follow KEP-753 (sidecars) and KEP-2837 (pod-level resources). */
import { describe, expect, test } from '@jest/globals';
import { readAmounts, rounded, shown } from '../../src/fit/amounts.ts';
import { podLimits, podRequests } from '../../src/fit/requests.ts';
import { isFinished, readPod } from '../../src/fit/pod.ts';
import type { Loose } from '../rules/cases.ts';

const asking = (requests: Loose, more: Loose = {}): Loose => ({
  name: 'c',
  resources: { requests },
  ...more,
});
const sidecar = { restartPolicy: 'Always' };

const PODS: readonly (readonly [what: string, spec: Loose, requests: Loose, status?: Loose])[] = [
  ['no containers', {}, {}],
  ['containers add up', { containers: [asking({ cpu: '1' }), asking({ cpu: '500m' })] }, { cpu: '1500m' }],
  [
    'a limit without a request',
    { containers: [{ resources: { limits: { cpu: 2 }, requests: { memory: '1Gi' } } }] },
    { cpu: '2', memory: '1Gi' },
  ],
  [
    'the largest init container, where it is more than the containers',
    { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '4' }), asking({ cpu: '2' })] },
    { cpu: '4' },
  ],
  [
    'an init container that asks for less',
    { containers: [asking({ cpu: '3' })], initContainers: [asking({ cpu: '2', memory: '1Gi' })] },
    { cpu: '3', memory: '1Gi' },
  ],
  [
    'a sidecar runs beside the containers',
    { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '2' }, sidecar)] },
    { cpu: '3' },
  ],
  [
    'an init container after a sidecar runs beside it, one before does not',
    {
      containers: [asking({ cpu: '1' })],
      initContainers: [asking({ cpu: '9' }), asking({ cpu: '2' }, sidecar), asking({ cpu: '8' })],
    },
    { cpu: '10' },
  ],
  [
    'resources of the pod take the place of the sum',
    {
      containers: [asking({ cpu: '1', 'nvidia.com/gpu': '8' })],
      resources: { requests: { cpu: '6', 'nvidia.com/gpu': '1' } },
    },
    { cpu: '6', 'nvidia.com/gpu': '8' },
  ],
  [
    'overhead comes on top',
    { containers: [asking({ cpu: '1' })], overhead: { cpu: '250m', memory: '120Mi' } },
    { cpu: '1250m', memory: '120Mi' },
  ],
  [
    'a container that is being made smaller has what it had',
    { containers: [asking({ cpu: '1' })] },
    { cpu: '4' },
    {
      containerStatuses: [
        { name: 'c', resources: { requests: { cpu: '4' } }, allocatedResources: { cpu: '2' } },
      ],
    },
  ],
  [
    'a resize that the node can not make does not count',
    { containers: [asking({ cpu: '9' })] },
    { cpu: '4' },
    {
      conditions: [{ type: 'PodResizePending', reason: 'Infeasible' }],
      containerStatuses: [{ name: 'c', resources: { requests: { cpu: '4' } } }],
    },
  ],
  ['what is no quantity', { containers: [asking({ cpu: 'many', memory: '1G' })] }, { memory: '1G' }],
  ['no lists at all', { containers: 'none', initContainers: 7 }, {}],
];

const ROWS = PODS.map(([what, spec, requests, status]) => ({ what, pod: { spec, status }, requests }));

test.each(ROWS)('$what', ({ pod, requests }) => {
  expect(podRequests(pod)).toEqual(readAmounts(requests));
});

describe('limits', () => {
  test('overhead is added to what is limited', () => {
    const spec = {
      containers: [{ resources: { limits: { cpu: '2' } } }],
      overhead: { cpu: '1', memory: '1Gi' },
    };
    expect(podLimits({ spec })).toEqual(readAmounts({ cpu: '3' }));
  });

  test('of the pod itself', () => {
    const spec = {
      containers: [{ resources: { limits: { cpu: '2' } } }],
      resources: { limits: { cpu: '5' } },
    };
    expect(podLimits({ spec })).toEqual(readAmounts({ cpu: '5' }));
  });
});

test('a node counts whole thousandths of cpu and whole bytes, and the pod itself', () => {
  const pod = { spec: { containers: [asking({ cpu: '1200u', memory: '1500m' })] } };
  expect(readPod(pod).requests).toEqual(readAmounts({ cpu: '2m', memory: '2', pods: '1' }));
  expect(rounded(readAmounts({ cpu: '100u' }))).toEqual(readAmounts({ cpu: '1m' }));
});

test.each([
  ['Succeeded', true],
  ['Failed', true],
  ['Running', false],
  ['Pending', false],
  [undefined, false],
])('a pod in phase %s has ended: %s', (phase, ended) => {
  expect(isFinished({ status: { phase } })).toBe(ended);
});

test.each([
  ['nvidia.com/gpu', '8', '8'],
  ['cpu', '1500m', '1500m'],
  ['cpu', '12', '12'],
  ['requests.cpu', '2500m', '2500m'],
  ['memory', '68719476735', '63.9Gi'],
  ['memory', '64Gi', '64Gi'],
  ['requests.memory', '1536Mi', '1.5Gi'],
  ['limits.memory', '1000', '1000'],
  ['hugepages-2Mi', '4Mi', '4Mi'],
])('%s %s is shown as %s', (name, given, text) => {
  expect(shown(name, readAmounts({ [name]: given }).get(name) ?? 0n)).toBe(text);
});
