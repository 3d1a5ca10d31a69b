/** What an audit looks like, by the name of the output format. */
import { nameOf } from '../planned/figures.ts';
import { findingsByService } from '../planned/findings.ts';
import { groundLines } from '../planned/fit-words.ts';
import { fitJson, serviceJson } from '../planned/service-json.ts';
import { pictureOf } from '../planned/tree.ts';
import { findingJson } from '../shared/finding-json.ts';
import { releaseText } from '../shared/release.ts';
import type { Style } from '../shared/streams.ts';
import { tally, tallyText } from '../shared/tally.ts';
import { blockYaml, PLAIN_STYLE } from '../shared/yaml-write.ts';
import { assessmentsOf, BEING_DELETED, findingsOf, isGoing, type Audited } from './audited.ts';
import { html } from './html.ts';
import { metrics } from './metrics.ts';
import { REPORT_KINDS, type ReportFormat } from './report-kinds.ts';
import { reportsOf } from './reports.ts';

/** totals is what --write prints by itself. */
export type Format = 'text' | 'totals' | 'json' | 'html' | 'metrics' | ReportFormat;

/** How each format writes the audit, with its last line end. */
export const FORMATS: Readonly<Record<Format, (audited: Audited, style: Style) => string | Promise<string>>> =
  {
    text: (audited, style) => {
      const lines = findingsByService(assessmentsOf(audited), style);
      const blocks = audited.services.flatMap(({ assessment, fit }, index) => [
        ...pictureOf(assessment, style, null, fit),
        ...(isGoing(assessment) ? [BEING_DELETED] : []),
        ...(lines[index] ?? []),
        '',
      ]);
      return `${[...blocks, ...totals(audited)].join('\n')}\n`;
    },
    totals: (audited) => `${totals(audited).join('\n')}\n`,
    json: (audited) => `${JSON.stringify(auditJson(audited), null, 2)}\n`,
    html: (audited) => html(audited),
    metrics: (audited) => metrics(audited),
    policyreport: (audited) => reportsYaml(audited, 'policyreport'),
    'policyreport-wgpolicyk8s': (audited) => reportsYaml(audited, 'policyreport-wgpolicyk8s'),
  };

function totals(audited: Audited): readonly string[] {
  const { services, ground, release } = audited;
  return [...groundLines(ground), releaseText(release), tallyText(findingsOf(audited), services.length)];
}

function reportsYaml(audited: Audited, format: ReportFormat): string {
  const reports = reportsOf(assessmentsOf(audited), REPORT_KINDS[format]);
  return reports.map((report) => `---\n${blockYaml(report, PLAIN_STYLE)}\n`).join('');
}

function auditJson(audited: Audited): object {
  const { services, ground, release } = audited;
  return {
    schemaVersion: 1,
    kserveVersion: release.release.name,
    services: services.map((service) => ({
      ...serviceJson(service),
      ...(isGoing(service.assessment) && { beingDeleted: true }),
    })),
    ...(ground && { fit: fitJson(ground) }),
    findings: assessmentsOf(audited).flatMap(({ service, findings }) =>
      findings.map((finding) => ({
        namespace: service.namespace,
        name: nameOf(service),
        ...findingJson(finding),
        suppressed: false,
      })),
    ),
    summary: { services: services.length, ...tally(findingsOf(audited)) },
  };
}
