/** `headcount audit` against an API server: what is judged. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assess } from '../../../src/admission/assess-as-enforced.ts';
import { pageData } from '../../../src/cli/audit/page-data.ts';
import { DEFAULTS } from '../../../src/config/config.ts';
import { releaseInForce } from '../../../src/kserve/installed.ts';
import { file, headcount, schema } from '../../support/cli.ts';
import { clusterOf } from '../../support/helpers.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const isAudit = schema('audit.v1.json');

function denied(name: string, metadata: object = {}): Loose {
  const object = minimalService();
  Object.assign(object.metadata, { name, uid: name, ...metadata });
  object.spec.predictor.minReplicas = 2;
  return object;
}

let api: FakeApi;
beforeAll(async () => {
  const going = { deletionTimestamp: '2026-11-26T12:00:00Z', finalizers: ['example.com/slow'] };
  api = await FakeApi.start([minimalRuntime(), denied('going', going), denied('staying')]);
});
afterAll(() => api.stop());

async function audit(...options: readonly string[]): ReturnType<typeof headcount> {
  return headcount(['audit', '--kubeconfig', file('audit-kubeconfig', api.kubeconfig), ...options]);
}

test('a service that is being deleted is called so, and not denied', async () => {
  const { code, out } = await audit('-o', 'json');
  const document: Loose = JSON.parse(out);
  isAudit(document);
  expect(code).toBe(1);
  expect(document.services).toMatchObject([
    { name: 'going', nodes: 2, beingDeleted: true },
    { name: 'staying', nodes: 2 },
  ]);
  expect(document.services[1]).not.toHaveProperty('beingDeleted');
  expect(document.findings.map(({ name }: Loose) => name)).not.toContain('going');
  expect(document.findings).toContainEqual(expect.objectContaining({ name: 'staying', severity: 'deny' }));
});

test('so do text and reports', async () => {
  const reports = file('audit-reports.yaml', '');
  const { out } = await audit('-o', 'text', '-o', `policyreport=${reports}`);
  const [going = '', staying = ''] = out.split('team/staying');
  expect(going).toMatch(/^team\/going [^]*\nbeing deleted: not judged\n\n$/);
  expect(staying).toContain('deny head-replicas');
  expect(staying).not.toContain('being deleted');
  expect(readFileSync(reports, 'utf8')).toMatch(
    /result: skip\n(.*\n)*?.*message: "?being deleted: not judged/,
  );
});

test('so does the page', async () => {
  const object = denied('going', { deletionTimestamp: '2026-11-26T12:00:00Z' });
  const assessment = await assess(object, clusterOf([minimalRuntime()]), DEFAULTS, 'validate');
  const release = releaseInForce('0.19', { status: 'unread', why: '' });
  const { services } = pageData({
    services: [{ assessment, change: null, fit: null }],
    ground: null,
    release,
  });
  expect(services[0]?.words).toContain('being deleted: not judged');
});
