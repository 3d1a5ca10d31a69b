/** Runs every rule's table, and holds files, ids, list, tables and README against each other both ways. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { RULE_IDS, RULES } from '../../src/rules/index.ts';
import type { Report, Rule } from '../../src/rules/rule.ts';
import { minimalWorld, runtimeSubject, serviceSubject, type Row, type RuleCases } from './cases.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOT_RULES = ['bounded', 'index', 'rule', 'subject', 'support'];
const UNSEEN = /[\p{C}\u2028\u2029]/u;

const tables = new Map<string, RuleCases>();
for (const file of readdirSync(join(ROOT, 'test/rules'))) {
  const id = /^(.+)\.cases\.ts$/.exec(file)?.[1];
  if (id === undefined) continue;
  const { cases } = (await import(`./${file}`)) as { cases: RuleCases };
  tables.set(id, cases);
}

type Kind = 'service' | 'runtime';

function reports(rule: Rule, kind: Kind, row: Row): readonly Report[] {
  const world = minimalWorld();
  row.change(world);
  return [
    ...((kind === 'service'
      ? rule.checkService?.(serviceSubject(world))
      : rule.checkRuntime?.(runtimeSubject(world))) ?? []),
  ];
}

/** Every fix of every row, as it is said; HEADCOUNT_GOLDEN=write writes them anew: review the difference. */
const FIXES = join(import.meta.dirname, 'fixes.json');
const WRITE = process.env['HEADCOUNT_GOLDEN'] === 'write';
const fixes: Record<string, readonly string[]> = {};
const pinned = (WRITE ? {} : JSON.parse(readFileSync(FIXES, 'utf8'))) as typeof fixes;
afterAll(() => {
  if (WRITE) writeFileSync(FIXES, `${JSON.stringify(fixes, null, 2)}\n`);
});

let rows = 0;
afterAll(() => console.info(`${rows} rows in ${tables.size} tables`));

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const table = tables.get(id);

  for (const kind of ['service', 'runtime'] as const) {
    for (const row of table?.[kind] ?? []) {
      test(`${kind}: ${row.name}`, () => {
        rows++;
        const found = reports(rule, kind, row);
        const expected = row.expect === null ? [] : [row.expect].flat();
        expect(found.map((report) => [report.severity, report.field])).toEqual(
          expected.map(({ severity, field }) => [severity, field]),
        );
        for (const [index, { says, fix }] of expected.entries()) {
          expect(found[index]?.message).toMatch(says ?? /./);
          expect(found[index]?.fix).toMatch(fix ?? /./);
        }
        const key = `${id}, ${kind}: ${row.name}`;
        if (found.length > 0) fixes[key] = found.map(({ fix }) => fix);
        if (!WRITE) expect(fixes[key]).toEqual(pinned[key]);
        for (const { message, fix, short } of found) {
          for (const text of [message, fix, short]) {
            expect(text).not.toBe('');
            expect(text).not.toMatch(UNSEEN);
          }
          expect(short.length).toBeLessThanOrEqual(250);
        }
      });
    }
  }

  test('has for each kind of object a row that is reported and a near miss', () => {
    for (const kind of ['service', 'runtime'] as const) {
      const check = kind === 'service' ? rule.checkService : rule.checkRuntime;
      const own = table?.[kind] ?? [];
      expect(own.some((row) => row.expect !== null)).toBe(check !== undefined);
      expect(own.some((row) => row.expect === null)).toBe(check !== undefined);
    }
  });
});

test('every pinned fix belongs to a row', () => {
  const keys = [...tables].flatMap(([id, table]) =>
    (['service', 'runtime'] as const).flatMap((kind) =>
      (table[kind] ?? []).map(({ name }) => `${id}, ${kind}: ${name}`),
    ),
  );
  expect(Object.keys(pinned).filter((key) => !keys.includes(key))).toEqual([]);
});

test("a rule's id is its file's name, every file is listed, and every table belongs to a rule", () => {
  const files = readdirSync(join(ROOT, 'src/rules'))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !NOT_RULES.includes(name));
  expect(RULE_IDS.toSorted()).toEqual(files.toSorted());
  expect([...tables.keys()].toSorted()).toEqual(files.toSorted());
  expect(new Set(RULE_IDS).size).toBe(RULE_IDS.length);
  for (const [id, { rule }] of tables) expect(rule).toBe(id);
});

test.each(RULE_IDS)('%s: the file exports the rule of its name', async (id) => {
  const { rule } = (await import(`../../src/rules/${id}.ts`)) as { rule: Rule };
  expect(rule.id).toBe(id);
});

test('the README has a row for every rule, in the order of the list, and for nothing else', () => {
  const section = readFileSync(join(ROOT, 'README.md'), 'utf8')
    .split('## What it refuses')[1]
    ?.split('\n## ')[0];
  const ids = [...(section ?? '').matchAll(/^\| \[`([a-z-]+)`\]\(/gm)].map((match) => match[1]);
  expect(ids).toEqual(RULE_IDS);
});

test('the smallest valid service and runtime draw nothing but notes', () => {
  const world = minimalWorld();
  for (const rule of RULES) {
    const found = [
      ...(rule.checkService?.(serviceSubject(world)) ?? []),
      ...(rule.checkRuntime?.(runtimeSubject(world)) ?? []),
    ];
    expect([rule.id, found.filter((report) => report.severity !== 'note')]).toEqual([rule.id, []]);
  }
});
