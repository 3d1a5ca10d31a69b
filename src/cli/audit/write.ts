/** `--write`: the reports of an audit, into the cluster. */
import type { Assessment } from '../../admission/assess.ts';
import { ApiError } from '../../cluster/answer.ts';
import type { Api } from '../../cluster/api.ts';
import { writeReports, type ReportKind, type Written } from '../../cluster/reports.ts';
import { count } from '../shared/finding-text.ts';
import { Refusal } from '../shared/refusal.ts';
import { REPORT_KINDS, type ReportFormat } from './report-kinds.ts';
import { reportsOf } from './reports.ts';

const NOT_FOUND = 404;

/**
 * @param namespace the only one that was audited; null for all
 * @returns one line about what was done
 * @throws Refusal where one can't be written; the others are written all the same
 */
export async function writeInto(
  api: Api,
  format: ReportFormat,
  assessments: readonly Assessment[],
  namespace: string | null,
): Promise<string> {
  const kind = REPORT_KINDS[format];
  const { written, removed, failures } = await writeReports(
    api,
    kind,
    reportsOf(assessments, kind),
    namespace,
  ).catch((error: unknown): Promise<Written> => {
    throw error instanceof ApiError ? notListed(error, kind) : error;
  });
  const [first, ...more] = failures;
  if (first === undefined) return `${count(written, 'report')} written, ${removed} removed`;
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  throw new Refusal(`can't write ${count(failures.length, 'report')}: ${first}${others}`);
}

function notListed({ status, message }: ApiError, { plural, apiVersion }: ReportKind): Refusal {
  const what = `${plural} of ${apiVersion}`;
  if (status !== NOT_FOUND) return new Refusal(`can't list the ${what}: ${message}`);
  return new Refusal(`the cluster has no ${what}: install the CRD, or give --write the other kind`);
}
