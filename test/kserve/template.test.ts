/** Our reading of Go's templates against Go's: the fixture is what text/template printed (test/tools/go/templates). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ContainerView } from '../../src/kserve/container.ts';
import { failingPlaceholders } from '../../src/kserve/placeholders.ts';
import { checkTemplate, type KnownMetadata } from '../../src/kserve/template.ts';

interface Case {
  readonly template: string;
  /** Go's error, null where it executes. */
  readonly direct: string | null;
  /** The same as an argument of a container, as KServe executes it. */
  readonly container: string | null;
}

const CASES: readonly Case[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/templates.json'), 'utf8'),
);

/** The metadata that the Go program executes them over. */
const LLM: KnownMetadata = {
  name: 'llm',
  namespace: 'team',
  labels: { team: 'a' },
  annotations: { plain: 'x', quoted: 'say "x"' },
};

/** What Go refuses and headcount leaves open: it needs the length of a text or a list, or how often a loop runs. */
const LEFT_OPEN = [
  '{{ index .Finalizers 0 }}',
  '{{ slice .Name 1 99 }}',
  '{{ range $i := .Labels }}{{ $i.x }}{{ end }}',
  '{{- slice  nil}}',
  '--x={{- range 1_0 }}{{and}}{{end}}',
];

test('what surely fails fails in Go, and what surely executes executes', () => {
  const wrong = CASES.flatMap(({ template, direct }) => {
    const found = checkTemplate(template, LLM);
    const isWrong =
      found.answer === 'fails' ? direct === null : found.answer === 'executes' && direct !== null;
    return isWrong ? [{ template, direct, found }] : [];
  });
  expect(wrong).toEqual([]);
});

test('what is refused as an argument of a container fails in Go as KServe executes it, and nearly all that fails is', () => {
  const refused = ({ template }: Case): boolean =>
    failingPlaceholders(null, new ContainerView({ args: [template] }, 'c'), LLM).length > 0;
  expect(CASES.filter((one) => refused(one) && one.container === null)).toEqual([]);
  const missed = CASES.filter((one) => !refused(one) && one.container !== null);
  console.info(`${CASES.filter(refused).length} refused in a container, ${missed.length} missed`);
  // The rest prints what is no JSON, and which only a run tells: the whole metadata, or a line end.
  const others = missed.filter(({ template }) => !LEFT_OPEN.includes(template));
  expect(others.filter(({ container }) => container?.startsWith('invalid character') !== true)).toEqual([]);
  expect(others.length).toBe(10);
});

test('of what Go refuses nearly nothing is left open', () => {
  const open = CASES.filter(({ template }) => checkTemplate(template, LLM).answer === 'unknown');
  const missed = open.filter(({ direct }) => direct !== null);
  const refused = CASES.filter(({ direct }) => direct !== null);
  console.info(`${CASES.length} templates, ${refused.length} refused by Go; ${open.length} left open`);
  expect(missed.map(({ template }) => template)).toEqual(LEFT_OPEN);
});

test.each([
  ['functions by their name', '{{ m.content }}', 'function "m" not defined'],
  ['fields by theirs', '{{ .Spec }}', "can't evaluate field Spec in the service's metadata"],
  ['what is not closed', '{{ .Name', 'unclosed action'],
  ['what is not defined', '{{ $x }}', 'undefined variable "$x"'],
])('a reason names %s', (_what, template, reason) => {
  expect(checkTemplate(template, LLM)).toMatchObject({ answer: 'fails', reason, at: expect.any(Number) });
});

test('nothing is known of what is very deep', () => {
  const deep = '{{if .Name}}'.repeat(100_000) + '{{end}}'.repeat(100_000);
  expect(checkTemplate(deep, LLM).answer).toBe('unknown');
  expect(checkTemplate(`{{${'('.repeat(100_000)}1${')'.repeat(100_000)}}}`, LLM).answer).toBe('unknown');
});

test('a long template takes time in proportion to its length', () => {
  const duration = (times: number): number => {
    const start = performance.now();
    checkTemplate('{{$x := .Name}}{{if .Labels.a}}{{$x = 1}}{{end}}'.repeat(times), LLM);
    return performance.now() - start;
  };
  duration(1_000);
  // Twenty times as long; what grows with the square would take 400 times as long.
  expect(duration(20_000)).toBeLessThan(100 * Math.max(duration(1_000), 5));
});
