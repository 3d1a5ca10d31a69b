/**
 * An audit as reports for policy tools: OpenReports' Report, and PolicyReport of the Kubernetes policy working group for
 * tools that do not know it yet. One for each namespace. A result is a finding, or that nothing was found in a service.
 *
 * Nothing in a report changes while the findings stay: it has no time stamps. It names no scope either: Policy Reporter
 * takes a scope for the object that was checked, and leaves the results' own aside.
 */
import type { Assessment } from '../../admission/assess.ts';
import { REPORT_LABELS, REPORT_NAME, type Report, type ReportKind } from '../../cluster/reports.ts';
import { runningPlan } from '../../kserve/stopped.ts';
import type { Finding, Severity } from '../../rules/rule.ts';
import { plain } from '../../lib/text.ts';
import { nameOf } from '../planned/figures.ts';
import { BEING_DELETED, isGoing } from './audited.ts';
import { runtimeText, sizesText, whyNoPlan } from '../planned/words.ts';
import { notJudgedText } from '../shared/enforcement-text.ts';

/** pass: nothing is denied or warned of; skip: a note, or a service that is being deleted, which is no verdict. */
type Outcome = 'pass' | 'fail' | 'warn' | 'skip';

interface Result {
  readonly result: Outcome;
  readonly [key: string]: unknown;
}

/** The name that the webhook configurations and the ValidatingAdmissionPolicies have too. */
const POLICY = 'multinode.headcount.dev';
/** Bytes of one result's text. */
const MOST_TEXT = 1024;
/** Characters of all results together. etcd takes objects of up to 1.5 MiB, and a character may take several bytes. */
const MOST = 512 * 1024;
const LEFT_OUT = 'headcount.dev/results-left-out';

const OUTCOMES = {
  deny: { result: 'fail', severity: 'high' },
  warn: { result: 'warn', severity: 'medium' },
  note: { result: 'skip', severity: 'info' },
} as const satisfies Readonly<Record<Severity, object>>;
/** The order of results: what is cut off at the end is what matters least. */
const ORDER: readonly Outcome[] = ['fail', 'warn', 'pass', 'skip'];

/**
 * @param assessments the audited services
 * @returns a report for each namespace that has any, in the order of the services; one that is too long for an object
 *   has its summary whole, and an annotation with the number of results that are left out
 */
export function reportsOf(
  assessments: readonly Assessment[],
  { apiVersion, kind }: ReportKind,
): readonly Report[] {
  const byNamespace = Map.groupBy(assessments, ({ service }) => service.namespace);
  return [...byNamespace].map(([namespace, some]) => {
    const all = some.flatMap(resultsOf).toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result));
    const results = thatFit(all);
    const leftOut = all.length - results.length;
    return {
      apiVersion,
      kind,
      metadata: {
        name: REPORT_NAME,
        namespace,
        labels: REPORT_LABELS,
        ...(leftOut > 0 && { annotations: { [LEFT_OUT]: String(leftOut) } }),
      },
      summary: { ...summaryOf(all), error: 0 },
      results,
    };
  });
}

function resultsOf(assessment: Assessment): readonly Result[] {
  const { service, findings } = assessment;
  const common = {
    source: 'headcount',
    policy: POLICY,
    category: 'KServe multi-node',
    resources: [
      {
        apiVersion: 'serving.kserve.io/v1beta1',
        kind: 'InferenceService',
        namespace: service.namespace,
        name: nameOf(service),
        ...(service.uid !== null && { uid: service.uid }),
      },
    ],
  };
  const found = findings.map((finding) => ({ ...common, ...foundText(finding) }));
  const isFine = found.every(({ result }) => result === 'skip');
  return isFine ? [{ ...common, ...passed(assessment) }, ...found] : found;
}

function foundText({ rule, severity, field, message, fix }: Finding): Result {
  // Policy Reporter takes results of one rule and one text for one: the field tells them apart.
  const where = field === '' ? '' : `${field}: `;
  return {
    rule,
    ...OUTCOMES[severity],
    scored: severity === 'deny',
    message: plain(`${where}${message}`, MOST_TEXT),
    properties: {
      ...(field !== '' && { field: plain(field, MOST_TEXT) }),
      ...(fix !== '' && { fix: plain(fix, MOST_TEXT) }),
    },
  };
}

/** Nothing is denied or warned of, or nothing is judged. */
function passed(assessment: Assessment): Result {
  const { service, plan } = assessment;
  if (isGoing(assessment)) return { result: 'skip', severity: 'info', scored: false, message: BEING_DELETED };
  const why = notJudgedText(assessment.enforcement, service.namespace);
  if (why !== null) return { result: 'skip', severity: 'info', scored: false, message: why };
  const verdict = { result: 'pass', severity: 'info', scored: true } as const;
  if (plan === null) return { ...verdict, message: whyNoPlan(assessment) ?? '' };
  const { pods, allocated } = runningPlan(plan, service);
  return {
    ...verdict,
    message: `${sizesText(plan)} (${runtimeText(assessment, plan)})`,
    properties: { pods: String(pods), gpus: String(allocated) },
  };
}

function summaryOf(results: readonly Result[]): Readonly<Record<Outcome, number>> {
  const of = (outcome: Outcome): number => results.filter(({ result }) => result === outcome).length;
  return { pass: of('pass'), fail: of('fail'), warn: of('warn'), skip: of('skip') };
}

function thatFit(results: readonly Result[]): readonly Result[] {
  let length = 0;
  const end = results.findIndex((result) => (length += JSON.stringify(result).length) > MOST);
  return end < 0 ? results : results.slice(0, end);
}
