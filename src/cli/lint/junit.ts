/**
 * The report as JUnit XML: a suite for each file, a test for each rule on each object. So a test keeps its
 * name when it passes, and a CI server can tell what has been repaired. No times: the same input gives the
 * same document.
 */
import { visibleLine } from '../../plain.ts';
import { RULES } from '../../rules/index.ts';
import { findingLines } from '../finding-text.ts';
import { element, escaped, type Attributes } from '../xml.ts';
import { labelOf, type Format, type LintedObject, type LintFinding, type LintReport } from './report.ts';
import { SUPPRESS } from './suppress.ts';

export const junit: Format = (report) => {
  const files = [...new Set(report.objects.map(({ file }) => file))];
  const suites = files.map((file) => suiteOf(file, report));
  const count = (state: State): number =>
    suites.flatMap(({ tests }) => tests).filter((test) => test.state === state).length;
  const totals = {
    name: 'headcount',
    tests: count('passed') + count('failed') + count('skipped'),
    failures: count('failed'),
    errors: 0,
  };
  const body = suites.map((suite) => suite.xml).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', totals, `\n${body}`)}`;
};

type State = 'passed' | 'failed' | 'skipped';

interface Test {
  readonly state: State;
  readonly xml: string;
}

function suiteOf(file: string, report: LintReport): { tests: readonly Test[]; xml: string } {
  const objects = report.objects.filter((object) => object.file === file);
  const tests = objects.flatMap((object) => testsOf(object, report));
  const count = (state: State): number => tests.filter((test) => test.state === state).length;
  const attributes = {
    name: file,
    tests: tests.length,
    failures: count('failed'),
    errors: 0,
    skipped: count('skipped'),
  };
  return { tests, xml: element('testsuite', attributes, `\n${tests.map(({ xml }) => xml).join('')}`) };
}

function testsOf(object: LintedObject, report: LintReport): readonly Test[] {
  const asked = RULES.filter((rule) => (object.part === 'service' ? rule.checkService : rule.checkRuntime));
  const ids = new Set([...asked.map(({ id }) => id), ...object.findings.map(({ rule }) => rule)]);
  return [...ids].map((id) => testOf(id, object, report));
}

function testOf(rule: string, object: LintedObject, { off, failing }: LintReport): Test {
  const findings = object.findings.filter((finding) => finding.rule === rule);
  const test = (state: State, ...parts: readonly string[]): Test => {
    const body = parts.length === 0 ? '' : `\n${parts.join('')}`;
    return { state, xml: element('testcase', { classname: labelOf(object), name: rule }, body) };
  };
  const part = (name: string, attributes: Attributes, lines: readonly string[]): string =>
    element(name, attributes, escaped(lines.join('\n')));

  if (off.has(rule)) return test('skipped', part('skipped', {}, ['the rule is off']));
  if (findings.some(({ suppressed }) => suppressed)) {
    const why = `suppressed by ${SUPPRESS}`;
    return test('skipped', part('skipped', {}, [why, ...linesOf(object, findings)]));
  }
  const failures = findings.filter(({ severity }) => failing.includes(severity));
  const others = findings.filter((finding) => !failures.includes(finding));
  const out = others.length === 0 ? [] : [part('system-out', {}, linesOf(object, others))];
  const [first] = failures;
  if (first === undefined) return test('passed', ...out);
  const attributes = { type: first.severity, message: messageOf(first, failures.length) };
  return test('failed', part('failure', attributes, linesOf(object, failures)), ...out);
}

/** CI servers show this in their lists, and one failure a test. */
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
