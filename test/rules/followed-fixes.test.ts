/**
 * A fix that is followed removes its finding and adds none: for every row of the rules' tables whose fix says what to
 * write or to remove in so many words, it is done, and the row is judged again by all rules.
 */
import { readdirSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { evaluateService } from '../../src/rules/index.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { minimalWorld, serviceSubject, type Loose, type Row, type RuleCases, type World } from './cases.ts';

/** Takes a field path apart: `a.b[0].c[d/e]` is a, b, 0, c, d/e. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\[([^\]]+)\]|[^.[\]]+/g)].map(([step, inBrackets]) => inBrackets ?? step);
}

/** @returns the object that holds the last step of a path, made where it is absent */
function holderOf(object: Loose, steps: readonly string[]): Loose {
  return steps.slice(0, -1).reduce((here, step) => (here[step] ??= {}), object);
}

function put(object: Loose, path: string, value: unknown): void {
  const steps = stepsOf(path);
  holderOf(object, steps)[steps.at(-1) ?? ''] = value;
}

function remove(object: Loose, path: string): void {
  const steps = stepsOf(path);
  const holder = holderOf(object, steps);
  const last = steps.at(-1) ?? '';
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
}

/** @returns what does as the fix says, null where that takes a person */
function editOf({ fix, field }: Finding): ((service: Loose) => void) | null {
  const [, tensor, pipeline] =
    /^write tensorParallelSize: (\d+) and pipelineParallelSize: (\d+)/.exec(fix) ?? [];
  if (tensor !== undefined) {
    return (service) => {
      put(service, 'spec.predictor.workerSpec.tensorParallelSize', Number(tensor));
      put(service, 'spec.predictor.workerSpec.pipelineParallelSize', Number(pipeline));
    };
  }
  const removed = /^remove (spec\.[^\s,;]+)/.exec(fix)?.[1];
  if (removed !== undefined) return (service) => remove(service, removed);
  const [, key, value] = /(?:add|write) under metadata\.annotations: (\S+): (\S+)/.exec(fix) ?? [];
  if (key !== undefined) return (service) => put(service, `metadata.annotations[${key}]`, value);
  const [, list, types] = /add the annotation (\S+): '(\[[^']*\])'/.exec(fix) ?? [];
  if (list !== undefined && fix.startsWith('add')) {
    return (service) => put(service, `metadata.annotations[${list}]`, types);
  }
  const [, name, written] = /^write (\w+): (\d+)/.exec(fix) ?? [];
  if (
    name !== undefined &&
    written !== undefined &&
    stepsOf(field).at(-1) === name &&
    field.startsWith('spec.predictor')
  ) {
    return (service) => put(service, field, Number(written));
  }
  return null;
}

function findingsOf(world: World): readonly Finding[] {
  return evaluateService(serviceSubject(world), {}).filter(({ severity }) => severity !== 'note');
}

const keyOf = ({ rule, severity, field }: Finding): string => `${severity} ${rule} ${field}`;
const counted = (findings: readonly Finding[], key: string): number =>
  findings.filter((finding) => keyOf(finding) === key).length;

/** A finding of a row, and the edit that its fix asks for. */
interface Followed {
  readonly row: Row;
  readonly finding: Finding;
  readonly edit: (service: Loose) => void;
}

function followedIn({ rule, service = [] }: RuleCases): readonly Followed[] {
  return service.flatMap((row) => {
    const found = findingsOf(worldOf(row));
    return found.flatMap((finding) => {
      // Of two findings at one place, each may come from the other's mistake.
      const edit = finding.rule === rule && counted(found, keyOf(finding)) === 1 ? editOf(finding) : null;
      return edit === null ? [] : { row, finding, edit };
    });
  });
}

function worldOf(row: Row): World {
  const world = minimalWorld();
  row.change(world);
  return world;
}

const all: Followed[] = [];
for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.cases.ts'))) {
  const { cases } = (await import(`./${file}`)) as { cases: RuleCases };
  all.push(...followedIn(cases));
}

afterAll(() => console.info(`${all.length} fixes followed`));

test.each(all.map((one) => [`${one.finding.rule}: ${one.row.name}: ${one.finding.fix}`, one] as const))(
  '%s',
  (_what, { row, finding, edit }) => {
    const before = findingsOf(worldOf(row));
    const world = worldOf(row);
    edit(world.service);
    if (world.declared !== null) edit(world.declared);
    const after = findingsOf(world);
    expect(counted(after, keyOf(finding))).toBe(0);
    const added = after.map(keyOf).filter((key) => counted(after, key) > counted(before, key));
    expect(added).toEqual([]);
  },
);
