/** Which nodes a pod may take: taints, cordons, nodeSelector, required node affinity. */
import { describe, expect, test } from '@jest/globals';
import { readDemand } from '../../src/fit/demand.ts';
import { readNode } from '../../src/fit/node.ts';
import { refusalOf } from '../../src/fit/refusal.ts';
import type { Loose } from '../rules/cases.ts';

/** @returns why a node is not for a pod; null where it is */
function refusal(node: Loose, spec: Loose): string | null {
  const named = { metadata: { name: 'n1', labels: LABELS }, ...node };
  return refusalOf(readNode(named), readDemand({ role: 'head', replicas: 1, spec }, 'team'))?.[0] ?? null;
}

const LABELS = { zone: 'a', rack: '7', empty: '' };
const gpuOnly = { key: 'gpu', value: 'only', effect: 'NoSchedule' };

describe('taints', () => {
  test.each<readonly [string, Loose, Loose, boolean]>([
    ['no toleration', gpuOnly, null, false],
    ['PreferNoSchedule keeps nobody away', { ...gpuOnly, effect: 'PreferNoSchedule' }, null, true],
    ['NoExecute does', { ...gpuOnly, effect: 'NoExecute' }, null, false],
    ['equal', gpuOnly, { key: 'gpu', operator: 'Equal', value: 'only', effect: 'NoSchedule' }, true],
    ['equal without an operator', gpuOnly, { key: 'gpu', value: 'only' }, true],
    ['another value', gpuOnly, { key: 'gpu', value: 'shared' }, false],
    ['another key', gpuOnly, { key: 'cpu', operator: 'Exists' }, false],
    ['another effect', gpuOnly, { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    ['exists', gpuOnly, { key: 'gpu', operator: 'Exists' }, true],
    ['exists without a key: all taints', gpuOnly, { operator: 'Exists' }, true],
    ['all taints of an effect', gpuOnly, { operator: 'Exists', effect: 'NoSchedule' }, true],
    ['all taints of another effect', gpuOnly, { operator: 'Exists', effect: 'NoExecute' }, false],
    [
      'a taint without a value',
      { key: 'gpu', effect: 'NoSchedule' },
      { key: 'gpu', operator: 'Equal' },
      true,
    ],
    ['an unknown operator', gpuOnly, { key: 'gpu', operator: 'Like', value: 'only' }, false],
    ['a text in place of a toleration', gpuOnly, 'gpu', false],
  ])('%s', (_what, taint, toleration, allowed) => {
    const node = { spec: { taints: [taint] } };
    const spec = toleration === null ? {} : { tolerations: [toleration] };
    const written = `has the taint gpu${taint.value === undefined ? '' : '=only'}:${taint.effect}`;
    expect(refusal(node, spec)).toBe(allowed ? null : written);
  });

  test('each of several taints has to be tolerated', () => {
    const node = { spec: { taints: [gpuOnly, { key: 'spot', effect: 'NoExecute' }] } };
    expect(refusal(node, { tolerations: [{ key: 'gpu', operator: 'Exists' }] })).toBe(
      'has the taint spot:NoExecute',
    );
  });

  test('a cordoned node is for pods that tolerate its taint', () => {
    const node = { spec: { unschedulable: true } };
    expect(refusal(node, {})).toBe('is cordoned');
    expect(refusal(node, { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] })).toBeNull();
    const named = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' };
    expect(refusal(node, { tolerations: [named] })).toBeNull();
  });
});

test.each<readonly [string, Loose, boolean]>([
  ['nothing', {}, true],
  ['a label', { zone: 'a' }, true],
  ['another value', { zone: 'b' }, false],
  ['two labels', { zone: 'a', rack: '7' }, true],
  ['one of two', { zone: 'a', rack: '8' }, false],
  ['an absent label', { fabric: 'ib' }, false],
  ['an empty value', { empty: '' }, true],
  ['a number, which no label is', { rack: 7 }, false],
])('nodeSelector: %s', (_what, nodeSelector, allowed) => {
  expect(refusal({}, { nodeSelector })).toBe(allowed ? null : 'does not match the nodeSelector');
});

describe('required node affinity', () => {
  const expression = (key: string, operator: string, ...values: string[]): Loose => ({
    matchExpressions: [{ key, operator, values }],
  });
  const field = (key: string, operator: string, ...values: string[]): Loose => ({
    matchFields: [{ key, operator, values }],
  });

  test.each<readonly [string, readonly Loose[], boolean]>([
    ['In', [expression('zone', 'In', 'b', 'a')], true],
    ['In another', [expression('zone', 'In', 'b')], false],
    ['In, label absent', [expression('fabric', 'In', 'ib')], false],
    ['NotIn', [expression('zone', 'NotIn', 'b')], true],
    ['NotIn, there', [expression('zone', 'NotIn', 'a')], false],
    ['NotIn, label absent', [expression('fabric', 'NotIn', 'ib')], true],
    ['Exists', [expression('empty', 'Exists')], true],
    ['Exists, absent', [expression('fabric', 'Exists')], false],
    ['DoesNotExist', [expression('fabric', 'DoesNotExist')], true],
    ['DoesNotExist, there', [expression('zone', 'DoesNotExist')], false],
    ['Gt', [expression('rack', 'Gt', '6')], true],
    ['Gt the same', [expression('rack', 'Gt', '7')], false],
    ['Lt by number, not by text', [expression('rack', 'Lt', '10')], true],
    ['Lt a lower one', [expression('rack', 'Lt', '-10')], false],
    ['Gt of no number', [expression('zone', 'Gt', '1')], false],
    ['Gt than no number', [expression('rack', 'Gt', 'six')], false],
    ['an unknown operator', [expression('zone', 'Like', 'a')], false],
    ['the name', [field('metadata.name', 'In', 'n1')], true],
    ['another name', [field('metadata.name', 'In', 'n2')], false],
    ['not the name', [field('metadata.name', 'NotIn', 'n1')], false],
    ['not another name', [field('metadata.name', 'NotIn', 'n2')], true],
    ['another field', [field('spec.providerID', 'NotIn', 'n2')], false],
    ['terms are alternatives', [expression('zone', 'In', 'b'), expression('zone', 'In', 'a')], true],
    [
      'the parts of a term are not',
      [{ ...expression('zone', 'In', 'a'), ...field('metadata.name', 'In', 'n2') }],
      false,
    ],
    ['an empty term', [{}], false],
    ['no term', [], false],
  ])('%s', (_what, nodeSelectorTerms, allowed) => {
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
    expect(refusal({}, { affinity: { nodeAffinity: required } })).toBe(
      allowed ? null : 'does not match the node affinity',
    );
  });

  test('what is preferred keeps nobody away', () => {
    const preferred = [{ weight: 1, preference: expression('zone', 'In', 'b') }];
    const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
    expect(refusal({}, { affinity })).toBeNull();
  });
});
