/** The manifests of deploy/: exactly these rights, and webhooks that refuse nothing but multi-node services. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { probeName } from '../../src/registration/probe.ts';
import { RULES } from '../../src/registration/registration.ts';
import type { Loose } from '../rules/cases.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../deploy/headcount.yaml'), 'utf8');
const TEMPLATES = join(import.meta.dirname, '../../charts/headcount/templates');
const DOCUMENTS: readonly Loose[] = parseAllDocuments(TEXT).map((document) => document.toJS());

test('the rights are these and no others', () => {
  const granted = DOCUMENTS.flatMap(({ kind, rules = [] }) =>
    rules.map((rule: Loose) => ({ kind, ...rule })),
  ).map(({ kind, resources, resourceNames = [], verbs }) =>
    [kind, resources.join('+'), ...resourceNames, verbs.join('+')].join(' '),
  );
  expect(granted.toSorted()).toEqual([
    'ClusterRole inferenceservices list',
    'ClusterRole mutatingwebhookconfigurations+validatingwebhookconfigurations multinode.headcount.dev get+patch',
    'ClusterRole namespaces get+list+watch',
    'ClusterRole persistentvolumeclaims get',
    'ClusterRole servingruntimes+clusterservingruntimes get+list+watch',
    'Role configmaps inferenceservice-config get+list+watch',
    'Role deployments kserve-controller-manager get',
    'Role events create',
    'Role secrets create',
    'Role secrets headcount-certificates get+patch',
    'Role services headcount get',
  ]);
});

const WEBHOOKS: readonly Loose[] = DOCUMENTS.flatMap(({ kind, metadata, webhooks = [] }) =>
  webhooks.map(({ rules, ...webhook }: Loose) => ({
    kind,
    configuration: metadata.name,
    rules: rules ?? [],
    stated: JSON.parse(metadata.annotations[RULES])[webhook.name] ?? [],
    ...webhook,
  })),
);

test('no template of the chart grants what plan --fit reads, whatever the values', () => {
  const files = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const templates = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  const granted = templates.flatMap(
    (text) => text.match(/^ *resources: *\[.*$|^ *resources:\n(?: *- .*\n)+/gm) ?? [],
  );
  expect(granted.length).toBeGreaterThan(5);
  expect(granted.filter((rule) => /\b(?:nodes|pods|resourcequotas)\b|\*/.test(rule))).toEqual([]);
});

test('refused without headcount is only what judges a multi-node service', () => {
  expect(WEBHOOKS.map(({ name, failurePolicy }) => `${name} ${failurePolicy}`)).toEqual([
    'watched.multinode.headcount.dev Ignore',
    'judged.multinode.headcount.dev Fail',
    'probe.multinode.headcount.dev Ignore',
    'watched.multinode.headcount.dev Ignore',
    'judged.multinode.headcount.dev Fail',
    'runtimes.multinode.headcount.dev Ignore',
    'probe.multinode.headcount.dev Ignore',
  ]);
  const seconds: Readonly<Record<string, number>> = { watched: 2, probe: 1 };
  for (const webhook of WEBHOOKS) {
    const [entry = ''] = webhook.name.split('.');
    expect(webhook).toMatchObject({
      configuration: 'multinode.headcount.dev',
      sideEffects: 'None',
      matchPolicy: entry === 'probe' ? 'Exact' : 'Equivalent',
      timeoutSeconds: seconds[entry] ?? 5,
      admissionReviewVersions: ['v1'],
    });
    expect(webhook.reinvocationPolicy).toBe(
      webhook.kind === 'MutatingWebhookConfiguration' ? 'IfNeeded' : undefined,
    );
    for (const rule of webhook.stated) {
      expect(rule.operations).toEqual(entry === 'watched' ? ['UPDATE'] : ['CREATE', 'UPDATE']);
      expect(rule.resources.join()).not.toMatch(/[*/]/);
    }
  }
});

test('installing puts nothing into force but the probe, which matches one Event of our namespace', () => {
  for (const { name, kind, rules, stated, namespaceSelector, matchConditions } of WEBHOOKS) {
    if (!name.startsWith('probe.')) {
      expect([name, rules, stated.length]).toEqual([name, [], 1]);
      continue;
    }
    expect(stated).toEqual([]);
    expect(rules.map(({ resources, operations }: Loose) => [resources, operations])).toEqual([
      [['events'], ['CREATE']],
    ]);
    expect(namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'headcount-system' } });
    const of = kind === 'MutatingWebhookConfiguration' ? 'mutating' : 'validating';
    expect(matchConditions).toEqual([
      { name: 'is-our-probe', expression: `object.metadata.name == '${probeName(of)}'` },
    ]);
  }
});
