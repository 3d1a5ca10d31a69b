/** The manifests of deploy/: exactly these rights, and webhooks that refuse nothing but multi-node services. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
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
    'Role secrets create',
    'Role secrets headcount-certificates get+patch',
    'Role services headcount get',
  ]);
});

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
  const webhooks = DOCUMENTS.flatMap(({ kind, metadata, webhooks: list = [] }) =>
    list.map((webhook: Loose) => ({ kind, configuration: metadata.name, ...webhook })),
  );
  expect(webhooks.map(({ name, failurePolicy }) => `${name} ${failurePolicy}`)).toEqual([
    'watched.multinode.headcount.dev Ignore',
    'judged.multinode.headcount.dev Fail',
    'watched.multinode.headcount.dev Ignore',
    'judged.multinode.headcount.dev Fail',
    'runtimes.multinode.headcount.dev Ignore',
  ]);
  for (const webhook of webhooks) {
    expect(webhook).toMatchObject({
      configuration: 'multinode.headcount.dev',
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      timeoutSeconds: webhook.name.startsWith('watched.') ? 2 : 5,
      admissionReviewVersions: ['v1'],
    });
    expect(webhook.reinvocationPolicy).toBe(
      webhook.kind === 'MutatingWebhookConfiguration' ? 'IfNeeded' : undefined,
    );
    for (const rule of webhook.rules) {
      expect(rule.operations).toEqual(
        webhook.name.startsWith('watched.') ? ['UPDATE'] : ['CREATE', 'UPDATE'],
      );
      expect(rule.resources.join()).not.toMatch(/[*/]/);
    }
  }
});
