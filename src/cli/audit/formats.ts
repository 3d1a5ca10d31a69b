/** What an audit looks like, by the name of the output format. */
import type { Assessment } from '../../admission/assess.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { nameOf } from '../planned/figures.ts';
import { findingsByService } from '../planned/findings.ts';
import { serviceJson } from '../planned/service-json.ts';
import { pictureOf } from '../planned/tree.ts';
import { findingJson } from '../shared/finding-json.ts';
import { releaseText } from '../shared/release.ts';
import type { Style } from '../shared/streams.ts';
import { tally, tallyText } from '../shared/tally.ts';
import { blockYaml, PLAIN_STYLE } from '../shared/yaml-write.ts';
import { REPORT_KINDS, type ReportFormat } from './report-kinds.ts';
import { reportsOf } from './reports.ts';

/** totals is what --write prints by itself. */
export type Format = 'text' | 'totals' | 'json' | ReportFormat;

/** How each format writes the audit, with its last line end. */
export const FORMATS: Readonly<
  Record<Format, (assessments: readonly Assessment[], release: ReleaseInForce, style: Style) => string>
> = {
  text: (assessments, release, style) => {
    const lines = findingsByService(assessments, style);
    const blocks = assessments.flatMap((assessment, index) => [
      ...pictureOf(assessment, style),
      ...(lines[index] ?? []),
      '',
    ]);
    return `${[...blocks, ...totals(assessments, release)].join('\n')}\n`;
  },
  totals: (assessments, release) => `${totals(assessments, release).join('\n')}\n`,
  json: (assessments, release) => `${JSON.stringify(auditJson(assessments, release), null, 2)}\n`,
  policyreport: (assessments) => reportsYaml(assessments, 'policyreport'),
  'policyreport-wgpolicyk8s': (assessments) => reportsYaml(assessments, 'policyreport-wgpolicyk8s'),
};

function totals(assessments: readonly Assessment[], release: ReleaseInForce): readonly string[] {
  const findings = assessments.flatMap((assessment) => assessment.findings);
  return [releaseText(release), tallyText(findings, assessments.length)];
}

function reportsYaml(assessments: readonly Assessment[], format: ReportFormat): string {
  const reports = reportsOf(assessments, REPORT_KINDS[format]);
  return reports.map((report) => `---\n${blockYaml(report, PLAIN_STYLE)}\n`).join('');
}

function auditJson(assessments: readonly Assessment[], { release }: ReleaseInForce): object {
  return {
    schemaVersion: 1,
    kserveVersion: release.name,
    services: assessments.map(serviceJson),
    findings: assessments.flatMap(({ service, findings }) =>
      findings.map((finding) => ({
        namespace: service.namespace,
        name: nameOf(service),
        ...findingJson(finding),
        suppressed: false,
      })),
    ),
    summary: {
      services: assessments.length,
      ...tally(assessments.flatMap(({ findings }) => findings)),
    },
  };
}
