/** The kinds of reports that audit writes, by the name of the output format. */
import type { ReportKind } from '../../cluster/reports.ts';

export const REPORT_KINDS = {
  policyreport: { apiVersion: 'openreports.io/v1alpha1', kind: 'Report', plural: 'reports' },
  'policyreport-wgpolicyk8s': {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: 'PolicyReport',
    plural: 'policyreports',
  },
} as const satisfies Readonly<Record<string, ReportKind>>;
export type ReportFormat = keyof typeof REPORT_KINDS;
export const REPORT_FORMATS = Object.keys(REPORT_KINDS) as readonly ReportFormat[];
