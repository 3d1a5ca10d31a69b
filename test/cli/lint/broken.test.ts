/**
 * A directory of 200 files, a tenth of them broken in ten ways, in one run of the real process: every format has all
 * findings of the others, and one about each broken file at its line.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { choicesOf, file, headcount, json, ROOT, schema, scratch } from '../../support/cli.ts';
import { elements, junitOf, sarifErrors } from '../../support/documents.ts';
import type { Loose } from '../../rules/cases.ts';

const MANIFEST = readFileSync(join(ROOT, 'demo/manifests/guide-case-1.yaml'), 'utf8');
const DENIED = MANIFEST.replace(/storageUri: .*/, 'storageUri: s3://bucket/model');
const LINES = MANIFEST.split('\n');

/** The manifest with one line put before its fifth. */
const withLine = (line: string): string => LINES.toSpliced(4, 0, line).join('\n');
const LATIN_1 = Buffer.from(withLine('# caf\u00e9'), 'latin1');

/** Each way with the line at which it is to be reported, and a word of the message or the fix. */
const WAYS: readonly (readonly [
  what: string,
  content: string | Buffer | null,
  line: number,
  says: RegExp,
])[] = [
  ['a Helm template', withLine('{{- if .Values.gpu }}'), 5, /helm template/],
  ['a Helm value', MANIFEST.replace(/name: \S+/, 'name: {{ .Release.Name }}'), 5, /helm template/],
  ['a tab', withLine('\tname: x'), 5, /tab/i],
  ['a quote without an end', `${MANIFEST}x: "never\n`, LINES.length + 1, /quote/i],
  ['a list without an end', 'a: 1\nb: [1,\nc: 2\n', 3, /YAML/],
  ['a merge conflict', withLine('<<<<<<< HEAD'), 5, /merge conflict/],
  ['an unknown anchor', withLine('  x: *nowhere'), 5, /unknown anchor "nowhere"/],
  ['text that is not UTF-8', LATIN_1, 5, /UTF-8/],
  ['an indent that fits nothing', 'a:\n    b: 1\n  c: 2\n', 3, /YAML/],
  ['a link to nowhere', null, 1, /no such file/],
];

const BROKEN: { path: string; line: number; says: RegExp }[] = [];
for (let index = 0; index < 200; index++) {
  const name = `many/f-${String(index).padStart(3, '0')}.yaml`;
  const way = index % 10 === 5 ? WAYS[((index - 5) / 10) % WAYS.length] : undefined;
  if (way === undefined) {
    file(name, (index % 2 === 0 ? DENIED : MANIFEST).replace(/name: \S+/, `name: s-${index}`));
    continue;
  }
  const [, content, line, says] = way;
  BROKEN.push({ path: name, line, says });
  if (content === null) symlinkSync(join(scratch, 'nowhere.yaml'), join(scratch, name));
  else file(name, content);
}

function lint(...options: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const argv = [join(ROOT, 'src/main.ts'), 'lint', ...options];
  return spawnSync(process.execPath, argv, { cwd: scratch, encoding: 'utf8' });
}

const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');

const FORMATS = choicesOf('lint', 'output');
const run = lint('many', ...FORMATS.flatMap((format) => ['-o', `${format}=out.${format}`]));
const document: Loose = JSON.parse(read('out.json'));
const { findings, summary } = document;
const unreadable = findings.filter(({ rule }: Loose) => rule === 'unreadable-file');
const others = findings.filter(({ rule }: Loose) => rule !== 'unreadable-file');

test('the run: exit code 2, every file is written, standard error names each broken file', () => {
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(BROKEN.length).toBe(20);
  const told = run.stderr.trimEnd().split('\n');
  expect(told.map((line) => /many\/f-\d+\.yaml/.exec(line)?.[0])).toEqual(BROKEN.map(({ path }) => path));
});

test('JSON: each broken file with its line, in the order of the files, and all findings of the others', () => {
  schema('lint.v1.json')(document);
  expect(unreadable.map(({ file: path, line }: Loose) => ({ path, line }))).toEqual(
    BROKEN.map(({ path, line }) => ({ path, line })),
  );
  for (const [index, { message, fix }] of unreadable.entries()) {
    expect(`${message} ${fix}`).toMatch(BROKEN[index]?.says ?? /never/);
  }
  expect(summary).toMatchObject({ files: 200, services: 180, unreadable: 20 });
  const alone = spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), 'lint', '-o', 'json', ...healthy()], {
    cwd: scratch,
    encoding: 'utf8',
  });
  expect(others).toEqual(JSON.parse(alone.stdout).findings);
  expect(new Set(others.map(({ name }: Loose) => name)).size).toBe(180);
});

function healthy(): readonly string[] {
  const broken = new Set(BROKEN.map(({ path }) => path));
  return Array.from({ length: 200 }, (_, index) => `many/f-${String(index).padStart(3, '0')}.yaml`).filter(
    (path) => !broken.has(path),
  );
}

test('text: a line for each broken file, and how many there are', () => {
  const text = read('out.text');
  for (const { path, line } of BROKEN) {
    expect(text).toMatch(new RegExp(`^${path}:${line}:\\d+ deny unreadable-file `, 'm'));
  }
  expect(text.trimEnd()).toMatch(/, 20 files can't be read$/);
});

test('SARIF: valid, with a result for each', () => {
  const sarif: Loose = JSON.parse(read('out.sarif'));
  expect(sarifErrors(sarif)).toEqual([]);
  const [{ results }] = sarif.runs;
  expect(results.length).toBe(findings.length);
  const places = results
    .filter(({ ruleId }: Loose) => ruleId === 'unreadable-file')
    .map(({ locations: [{ physicalLocation: at }] }: Loose) => [
      at.artifactLocation.uri,
      at.region.startLine,
    ]);
  expect(places).toEqual(BROKEN.map(({ path, line }) => [path, line]));
});

test('GitHub: an annotation for each', () => {
  const lines = read('out.github').split('\n');
  for (const { path, line } of BROKEN) {
    expect(
      lines.some((one) =>
        one.startsWith(`::error title=headcount unreadable-file,file=${path},line=${line},`),
      ),
    ).toBe(true);
  }
  expect(lines.length).toBe(findings.length + 1);
});

test('JUnit: valid, with an error in the suite of each', () => {
  const junit = junitOf(read('out.junit'));
  const broken = elements(junit, '//testsuite[testcase/error]');
  expect(broken.map((suite) => suite.attr('name')?.value)).toEqual(BROKEN.map(({ path }) => path));
  expect(junit.root.attr('errors')?.value).toBe('20');
  expect(elements(junit, '//testsuite').length).toBe(200);
});

test('of files alone that are broken every output is written too', async () => {
  const bad = file('alone.yaml', 'a: [1\n');
  const path = join(scratch, 'alone.sarif');
  const { code, out, err } = await headcount(['lint', bad, '-o', 'text', '-o', `sarif=${path}`]);
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(out).toMatch(/alone\.yaml:2:1 deny unreadable-file this is no valid YAML: /);
  expect(sarifErrors(JSON.parse(readFileSync(path, 'utf8')))).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
if (isRoot)
  process.stderr.write(
    'skipped, because root may list every directory: a directory that can not be listed\n',
  );

(isRoot ? test.skip : test)('a directory that can not be listed', async () => {
  const { chmodSync, mkdirSync } = await import('node:fs');
  const closed = join(scratch, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0);
  const { code, out } = await headcount(['lint', closed]);
  chmodSync(closed, 0o700);
  expect(code).toBe(2);
  expect(out).toContain('permission denied');
});

test('what a broken file may hold is not called missing', async () => {
  file('around/service.yaml', MANIFEST.replace(/runtime: .*/, 'runtime: ours'));
  file('around/broken.yaml', 'kind: ClusterServingRuntime\nmetadata: {name: ours\n');
  file('around/other.yaml', readFileSync(join(ROOT, 'test/fixtures/cli-catalogue.yaml'), 'utf8'));
  const { out } = await headcount(['lint', join(scratch, 'around'), '-o', 'json']);
  const found: Loose[] = JSON.parse(out).findings;
  expect(found.filter(({ severity, rule }) => severity === 'deny' && rule !== 'unreadable-file')).toEqual([]);
});

test('a catalogue that can not be read: the services are judged, and it is told', async () => {
  const { code, out } = await headcount(['lint', 'demo/manifests/guide-case-1.yaml', '--catalog', 'nowhere']);
  expect(code).toBe(2);
  expect(out).toMatch(/nowhere:1:1 deny unreadable-file this file can't be read: no such file or directory/);
  expect(out).toContain('1 service in 1 file');
});

test('plan and render go on as well: exit code 2, and the broken file on standard error', async () => {
  const folder = join(file('some/a.yaml', MANIFEST), '..');
  file('some/b.yaml', 'a: [1\n');
  const plan = await headcount(['plan', folder, '-o', 'json']);
  expect(plan).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^headcount plan: .*b\.yaml:2:1: .*\n$/),
  });
  schema('plan.v1.json')(JSON.parse(plan.out));
  expect(JSON.parse(plan.out)).toMatchObject({ services: [{}], unreadable: [{ line: 2 }] });
  const render = await headcount(['render', folder]);
  expect(render).toMatchObject({ code: 2, err: expect.stringContaining('b.yaml:2:1') });
  expect(render.out).toContain('kind: InferenceService');
});

test.each([
  ['lint'],
  ['plan'],
  ['render'],
  ['review'],
  ['plan', '--before', 'demo/manifests/guide-case-1.yaml'],
])('nothing on a pipe is exit code 2: %s', async (...argv: string[]) => {
  const [command = '', ...options] = argv;
  const { code, out, err } = await headcount([command, '-', ...options], { stdin: '\n' });
  expect(code).toBe(2);
  expect(out + err).toMatch(/<stdin>.*it is empty|it is empty/);
  expect(out).not.toContain('removed');
});

test('a Helm template whose placeholders are all in quotes is valid YAML: each denied value has the hint', async () => {
  const template = MANIFEST.replace(/name: \S+/, 'name: "{{ .Release.Name }}"')
    .replace(/storageUri: .*/, 'storageUri: "{{ .Values.uri }}"')
    .replace(/tensorParallelSize: .*/, 'tensorParallelSize: "{{- include \'size\' . }}"');
  const { findings: found } = await json(['lint', file('quoted.yaml', template)]);
  const denied = found.filter(({ severity }: Loose) => severity === 'deny');
  expect(denied.map(({ rule }: Loose) => rule).sort()).toEqual([
    'name-length',
    'parallel-size',
    'storage-uri',
  ]);
  for (const { fix } of denied) expect(fix).toMatch(/; or check .* helm template CHART \| headcount lint -$/);
  const other = file('not-helm.yaml', MANIFEST.replace(/storageUri: .*/, 'storageUri: "{{ .Name }}"'));
  const fixes = (await json(['lint', other])).findings.map(({ fix }: Loose) => fix);
  expect(fixes).toContain('write pvc://<claim>/<path>');
});

const PATCH = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm}
spec: {predictor: {workerSpec: {pipelineParallelSize: 4}}}
`;

test.each([
  ['patches', 'patches: [{path: patches/gpus.yaml}]'],
  ['patchesStrategicMerge', 'patchesStrategicMerge: [patches/gpus.yaml]'],
])('a patch that a kustomization names under %s is skipped with a hint', async (key, named) => {
  file(`${key}/kustomization.yaml`, `resources: [service.yaml]\n${named}\n`);
  file(`${key}/service.yaml`, MANIFEST);
  file(`${key}/patches/gpus.yaml`, PATCH);
  const { code, out, err } = await headcount(['lint', join(scratch, key)]);
  expect(code).toBe(0);
  expect(out).toContain('1 service in 3 files: 0 denied');
  expect(err).toMatch(
    /^skipped .*gpus\.yaml, a kustomize patch: check what it makes, as in kubectl kustomize .* \| headcount lint -$/m,
  );
  const alone = await headcount(['plan', join(scratch, key, 'patches')]);
  expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('it holds a kustomize patch') });
});

test('what no kustomization names as a patch is judged', async () => {
  file('unnamed/kustomization.yaml', 'resources: [gpus.yaml]\n');
  file('unnamed/gpus.yaml', PATCH);
  const { summary: counted } = await json(['lint', join(scratch, 'unnamed')]);
  expect(counted.services).toBe(1);
  expect(counted.deny).toBeGreaterThan(0);
});
