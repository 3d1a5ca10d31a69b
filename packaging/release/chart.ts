/** The chart as it is published: charts/headcount with the changes of its version, which Artifact Hub shows. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { blockYaml, PLAIN_STYLE } from '../../src/cli/shared/yaml-write.ts';
import { changesOf, type Section } from './changelog.ts';

const CHART = join(import.meta.dirname, '../../charts/headcount');

/** Writes the chart into a folder, ready for `helm package`. */
export function writeChart(folder: string, section: Section): void {
  cpSync(CHART, folder, { recursive: true });
  const path = join(folder, 'Chart.yaml');
  const chart = parseDocument(readFileSync(path, 'utf8'));
  const changes = changesOf(section).map(({ kind, text }) => ({ kind, description: text }));
  chart.setIn(['annotations', 'artifacthub.io/changes'], `${blockYaml(changes, PLAIN_STYLE)}\n`);
  writeFileSync(path, chart.toString({ lineWidth: 0 }));
}
