/**
 * The same manifests through every format of lint, in one run of the real process. Each document is read back
 * by a reader that is not ours and has to say what the JSON says.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { error, notice, warning } from '@actions/core';
import { expect, test } from '@jest/globals';
import type { XmlElement } from 'libxml2-wasm';
import { visibleLine } from '../../../src/lib/text.ts';
import { RULE_IDS } from '../../../src/rules/index.ts';
import { choicesOf, file, ROOT, schema, scratch } from '../../support/cli.ts';
import { elements, junitOf, sarifErrors } from '../../support/documents.ts';
import { MANIFESTS } from '../../support/manifests.ts';
import type { Loose } from '../../rules/cases.ts';

for (const { name, text } of MANIFESTS) file(`manifests/${name}`, text);

function lint(...options: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const argv = [join(ROOT, 'src/main.ts'), 'lint', 'manifests', ...options];
  return spawnSync(process.execPath, argv, { cwd: scratch, encoding: 'utf8' });
}

function read(name: string): string {
  return readFileSync(join(scratch, name), 'utf8');
}

const FORMATS = choicesOf('lint', 'output');
const run = lint(...FORMATS.flatMap((format) => ['-o', `${format}=out.${format}`]), '--disable', 'canary');
const { findings, summary }: Loose = JSON.parse(read('out.json'));
const open = findings.filter(({ suppressed }: Loose) => !suppressed);

/** As the text formats write a finding's first line. */
function lineOf({ file: path, line, column, severity, rule, field, message }: Loose): string {
  const where = field === '' ? '' : `${visibleLine(field)}: `;
  return `${path}:${line}:${column} ${severity} ${rule} ${where}${visibleLine(message)}`;
}

test('the run: files only, nothing on the streams, exit code 1', () => {
  expect(run).toMatchObject({ status: 1, stdout: '', stderr: '' });
  expect(MANIFESTS.length).toBeGreaterThanOrEqual(30);
  expect(summary.files).toBe(MANIFESTS.length);
});

test('JSON: in its published shape; the summary counts what is listed', () => {
  schema('lint.v1.json')({ schemaVersion: 1, findings, summary });
  for (const severity of ['deny', 'warn', 'note']) {
    const listed = open.filter((finding: Loose) => finding.severity === severity).length;
    expect([severity, summary[severity]]).toEqual([severity, listed]);
    expect(listed).toBeGreaterThan(0);
  }
  expect(summary.suppressed).toBe(findings.length - open.length);
  expect(summary.suppressed).toBeGreaterThan(0);
  expect(findings.filter(({ rule }: Loose) => rule === 'canary')).toEqual([]);
});

test('text: the same findings in the same order', () => {
  const shown = read('out.text').split('\n');
  const first = new Set<string>();
  const unfolded = findings.filter(({ severity, rule, message, fix, suppressed }: Loose) => {
    if (severity !== 'note' || suppressed) return true;
    const key = JSON.stringify([rule, message, fix]);
    const isFirst = !first.has(key);
    first.add(key);
    return isFirst;
  });
  expect(unfolded.length).toBeLessThan(findings.length);
  expect(shown.filter((line) => /^manifests\/.*:\d+:\d+ (deny|warn|note) /.test(line))).toEqual(
    unfolded.map(lineOf),
  );
  expect(shown.filter((line) => line === '  suppressed by headcount.dev/suppress').length).toBe(
    summary.suppressed,
  );
  expect(shown.at(-2)).toBe(
    `${summary.services} services in ${summary.files} files: ${summary.deny} denied, ` +
      `${summary.warn} warnings, ${summary.note} notes, ${summary.suppressed} suppressed, ` +
      '12 not planned: lint again once what is denied is corrected',
  );
});

/** §3.11.5 and §3.11.6 of SARIF, the reader's side. */
function unescaped(text: string): string {
  return text.replaceAll(/\{\{|\}\}/g, (pair) => pair.charAt(0)).replaceAll('\\[', '[');
}

test('SARIF: valid by the published schema, and the same results', () => {
  const document: Loose = JSON.parse(read('out.sarif'));
  expect(sarifErrors(document)).toEqual([]);

  const [{ tool, results, columnKind }] = document.runs;
  expect(columnKind).toBe('utf16CodeUnits');
  expect(results.length).toBe(findings.length);
  const levels = { error: 'deny', warning: 'warn', note: 'note' };
  for (const [index, result] of results.entries()) {
    const { physicalLocation } = result.locations[0];
    const { startLine, startColumn, endColumn } = physicalLocation.region;
    const { namespace, name, field, fix } = result.properties;
    const finding = findings[index];
    expect({
      file: decodeURIComponent(physicalLocation.artifactLocation.uri),
      line: startLine,
      column: startColumn,
      namespace,
      name,
      rule: result.ruleId,
      severity: levels[result.level as keyof typeof levels],
      field,
      message: finding.message,
      fix,
      suppressed: result.suppressions.length === 1,
    }).toEqual(finding);
    expect(unescaped(result.message.text)).toBe(`${finding.message}. Fix: ${fix}.`);
    expect(result.message.text).not.toMatch(/(?<![{])\{\d+\}/);
    expect(result.message.text).not.toMatch(/(?<!\\)\[[^\]]*\]\(/);
    expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(endColumn).toBeGreaterThanOrEqual(startColumn);
  }
  expect(tool.driver.rules.map(({ id }: Loose) => id)).toEqual([
    ...RULE_IDS,
    'unknown-suppression',
    'unreadable-file',
  ]);
  for (const { id, helpUri } of tool.driver.rules.slice(0, RULE_IDS.length)) {
    expect(helpUri).toBe(`https://headcount.dev/rules/${id}`);
  }
  const prints = results.map((result: Loose) =>
    JSON.stringify([
      result.locations[0].physicalLocation.artifactLocation.uri,
      result.partialFingerprints['headcountFinding/v1'],
    ]),
  );
  expect(new Set(prints).size).toBe(findings.length);
});

test('GitHub: what the official toolkit writes for the same annotations', () => {
  const { runs }: Loose = JSON.parse(read('out.sarif'));
  const write = process.stdout.write.bind(process.stdout);
  let official = '';
  process.stdout.write = (chunk: unknown): boolean => ((official += String(chunk)), true);
  try {
    for (const [index, finding] of findings.entries()) {
      if (finding.suppressed) continue;
      const {
        file: path,
        line: startLine,
        column: startColumn,
        severity,
        rule,
        field,
        message,
        fix,
      } = finding;
      const { endColumn } = runs[0].results[index].locations[0].physicalLocation.region;
      const text = `${field === '' ? '' : `${visibleLine(field)}: `}${visibleLine(message)}\nfix: ${visibleLine(fix)}`;
      const annotate = { deny: error, warn: warning, note: notice }[severity as 'deny' | 'warn' | 'note'];
      annotate(text, { title: `headcount ${rule}`, file: path, startLine, startColumn, endColumn });
    }
  } finally {
    process.stdout.write = write;
  }
  expect(read('out.github').split('\n')).toEqual(official.split('\n'));
  expect(official.split('\n').length).toBe(open.length + 1);
});

/** The first lines of the findings in an element, as text. */
function linesIn(found: readonly XmlElement[]): string[] {
  return found.flatMap(({ content }) =>
    content.split('\n').filter((line) => /^manifests\/.*:\d+:\d+ (deny|warn|note) /.test(line)),
  );
}

test.each([
  { options: [], failing: ['deny'] },
  { options: ['--strict'], failing: ['deny', 'warn'] },
])(
  'JUnit $options: valid by its schema, and the same findings in the right elements',
  ({ options, failing }) => {
    lint(...options, '-o', 'junit=junit.xml', '--disable', 'canary');
    const document = junitOf(read('junit.xml'));
    const expected = (which: (finding: Loose) => boolean): string[] =>
      findings.filter(which).map(lineOf).sort();

    expect(linesIn(elements(document, '//failure')).sort()).toEqual(
      expected(({ suppressed, severity }) => !suppressed && failing.includes(severity)),
    );
    expect(linesIn(elements(document, '//skipped')).sort()).toEqual(expected(({ suppressed }) => suppressed));
    expect(linesIn(elements(document, '//system-out')).sort()).toEqual(
      expected(({ suppressed, severity }) => !suppressed && !failing.includes(severity)),
    );

    const count = (path: string): string => String(elements(document, path).length);
    const root = document.root;
    expect(root.attr('tests')?.value).toBe(count('//testcase'));
    expect(root.attr('failures')?.value).toBe(count('//testcase[failure]'));
    const suites = elements(document, '/testsuites/testsuite');
    expect(suites.map((suite) => suite.attr('name')?.value)).toEqual([
      ...new Set(MANIFESTS.map(({ name }) => `manifests/${name}`).toSorted()),
    ]);
    for (const suite of suites) {
      const of = (path: string): string => String(suite.find(path).length);
      expect(suite.attr('tests')?.value).toBe(of('testcase'));
      expect(suite.attr('failures')?.value).toBe(of('testcase[failure]'));
      expect(suite.attr('skipped')?.value).toBe(of('testcase[skipped]'));
      for (const line of linesIn(suite.find('.//*') as XmlElement[])) {
        expect(line.startsWith(`${visibleLine(suite.attr('name')?.value ?? '')}:`)).toBe(true);
      }
    }
    for (const testcase of elements(document, '//testcase')) {
      const rule = testcase.attr('name')?.value ?? '';
      for (const line of linesIn(testcase.find('*') as XmlElement[])) expect(line).toContain(` ${rule} `);
    }
    expect(count('//testcase[@name="canary"]')).toBe(
      count('//testcase[@name="canary"][skipped="the rule is off"]'),
    );
  },
);

test('twice the same: byte by byte', () => {
  for (const format of FORMATS) {
    lint('-o', `${format}=again.${format}`, '--disable', 'canary');
    expect(read(`again.${format}`)).toBe(read(`out.${format}`));
  }
});
