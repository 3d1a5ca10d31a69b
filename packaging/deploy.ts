/**
 * Makes deploy/headcount.yaml: the chart as plain manifests, for users without Helm. Run: npm run deploy:generate; the
 * chart's end-to-end test checks that it is up to date.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { helm } from '../test/e2e/cluster/binaries.ts';

const ROOT = join(import.meta.dirname, '..');
export const MANIFESTS = join(ROOT, 'deploy/headcount.yaml');

const HEAD = `# headcount, rendered from charts/headcount with deploy/values.yaml: npm run deploy:generate
apiVersion: v1
kind: Namespace
metadata:
  name: headcount-system
`;
/** Labels that mark an object as managed by Helm. */
const OF_HELM = /^ +(?:app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)\n/gm;
const SOURCE = /^# Source: .*\n/gm;

/** @throws when helm can't be built or refuses the chart */
export function manifests(): string {
  const args = ['template', 'headcount', 'charts/headcount', '--namespace', 'headcount-system'];
  args.push('--values', 'deploy/values.yaml', '--skip-tests', '--no-hooks');
  const { status, stdout, stderr } = spawnSync(helm(), args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`helm template ended with ${status}: ${stderr}`);
  const rendered = stdout
    .replaceAll(SOURCE, '')
    .replaceAll(OF_HELM, '')
    .replaceAll(/\n{2,}/g, '\n');
  return `${HEAD}${rendered}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(MANIFESTS, manifests());
