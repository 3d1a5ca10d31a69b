/**
 * The report as JUnit XML: a suite for each file, a test for each rule on each object. So a test keeps its
 * name when it passes, and a CI server can tell what has been repaired. No times: the same input gives the
 * same document.
 */
import { visibleLine } from '../../lib/text.ts';
import { RULES } from '../../rules/index.ts';
import { findingLines } from '../shared/finding-text.ts';
import { element, escaped, type Attributes } from '../shared/xml.ts';
import {
  labelOf,
  whyNotJudged,
  type Format,
  type LintedObject,
  type LintFinding,
  type LintReport,
} from './report.ts';
import { SUPPRESS } from './suppress.ts';

export const junit: Format = (report) => {
  const files = Map.groupBy(report.objects, ({ file }) => file);
  const suites = [...files].map(([file, objects]) => suiteOf(file, objects, report));
  const sum = (state: State): number => suites.reduce((all, { counts }) => all + counts[state], 0);
  const totals = {
    name: 'headcount',
    tests: STATES.reduce((all, state) => all + sum(state), 0),
    failures: sum('failed'),
    errors: sum('broken'),
  };
  const body = suites.map((suite) => suite.xml).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', totals, `\n${body}`)}`;
};

/** broken: the file can't be read, so no rule was applied to it. */
const STATES = ['passed', 'failed', 'skipped', 'broken'] as const;
type State = (typeof STATES)[number];

interface Test {
  readonly state: State;
  readonly xml: string;
}

/** A suite keeps only its counts and its XML: thousands of files have a hundred thousand tests. */
interface Suite {
  readonly counts: Readonly<Record<State, number>>;
  readonly xml: string;
}

function suiteOf(file: string, objects: readonly LintedObject[], report: LintReport): Suite {
  const tests = objects.flatMap((object) => testsOf(object, report));
  const count = (state: State): number => tests.filter((test) => test.state === state).length;
  const counts = {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    broken: count('broken'),
  };
  const attributes = {
    name: file,
    tests: tests.length,
    failures: counts.failed,
    errors: counts.broken,
    skipped: counts.skipped,
  };
  return { counts, xml: element('testsuite', attributes, `\n${tests.map(({ xml }) => xml).join('')}`) };
}

/** The rules that apply to each kind of object. */
const ASKED = {
  service: RULES.filter(({ checkService }) => checkService).map(({ id }) => id),
  runtime: RULES.filter(({ checkRuntime }) => checkRuntime).map(({ id }) => id),
  file: [],
};

const NEED_PLAN: ReadonlySet<string> = new Set(
  RULES.filter(({ needsPlan }) => needsPlan).map(({ id }) => id),
);

function testsOf(object: LintedObject, report: LintReport): readonly Test[] {
  const found = Map.groupBy(object.findings, ({ rule }) => rule);
  const ids = new Set([...ASKED[object.part], ...found.keys()]);
  return [...ids].map((id) => testOf(id, object, found.get(id) ?? [], report));
}

function testOf(
  rule: string,
  object: LintedObject,
  findings: readonly LintFinding[],
  { notAsked, failing }: LintReport,
): Test {
  const test = (state: State, ...parts: readonly string[]): Test => {
    const body = parts.length === 0 ? '' : `\n${parts.join('')}`;
    return { state, xml: element('testcase', { classname: labelOf(object), name: rule }, body) };
  };
  const part = (name: string, attributes: Attributes, lines: readonly string[]): string =>
    element(name, attributes, escaped(lines.join('\n')));

  const why = whyNotJudged(object) ?? notAsked.get(rule);
  if (why !== undefined) return test('skipped', part('skipped', {}, [why]));
  if (findings.some(({ suppressed }) => suppressed)) {
    const lines = [`suppressed by ${SUPPRESS}`, ...linesOf(object, findings)];
    return test('skipped', part('skipped', {}, lines));
  }
  if (object.part === 'file') {
    const message = findings[0]?.message ?? '';
    return test('broken', part('error', { type: rule, message }, linesOf(object, findings)));
  }
  if (object.isUnplanned && findings.length === 0 && NEED_PLAN.has(rule)) {
    return test('skipped', part('skipped', {}, ['no plan can be made of the service']));
  }
  const failures = findings.filter(({ severity }) => failing.includes(severity));
  const others = findings.filter((finding) => !failures.includes(finding));
  const out = others.length === 0 ? [] : [part('system-out', {}, linesOf(object, others))];
  const [first] = failures;
  if (first === undefined) return test('passed', ...out);
  const attributes = { type: first.severity, message: messageOf(first, failures.length) };
  return test('failed', part('failure', attributes, linesOf(object, failures)), ...out);
}

/** CI servers show this text in their lists, and only one failure for each test. */
function messageOf({ message }: LintFinding, count: number): string {
  return count === 1 ? message : `${message} (and ${count - 1} more)`;
}

/** As on a terminal, without colours and frames. */
function linesOf({ file }: LintedObject, findings: readonly LintFinding[]): readonly string[] {
  return findings.flatMap((finding) => {
    const [first = '', ...rest] = findingLines(finding, { colour: false, unicode: false });
    const { line, column } = finding.place;
    return [`${visibleLine(file)}:${line}:${column} ${first}`, ...rest];
  });
}
