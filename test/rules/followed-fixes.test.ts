/**
 * A fix that is followed removes its finding and adds none: for every row of the rules' tables whose fix says what to
 * write or to remove in so many words, it is done, and the row is judged again by all rules.
 */
import { readdirSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { evaluateService } from '../../src/rules/index.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { followed } from './follow.ts';
import { minimalWorld, serviceSubject, type Row, type RuleCases, type World } from './cases.ts';

function findingsOf(world: World): readonly Finding[] {
  return evaluateService(serviceSubject(world), {}).filter(({ severity }) => severity !== 'note');
}

const keyOf = ({ rule, severity, field }: Finding): string => `${severity} ${rule} ${field}`;
const counted = (findings: readonly Finding[], key: string): number =>
  findings.filter((finding) => keyOf(finding) === key).length;

/** A finding of a row, and what does as its fix says. */
interface Followed {
  readonly row: Row;
  readonly finding: Finding;
  readonly edit: (world: World) => void;
}

/** These rules judge a plan: they have something to say only once it can be made, or of another one. */
const OF_THE_PLAN = ['gpu-idle', 'gpu-capacity', 'gpu-type-mix', 'parallel-size'];
/** Rules whose fix changes the plan, because its author means another one. */
const CHANGES_PLAN = ['model-config', 'unknown-field', 'gpu-type-mix'];
/** Rows with a second fault, of which KServe speaks only after the first. */
const TWO_FAULTS: readonly string[] = [
  'a workerSpec in spec.predictor.huggingface is refused',
  'a type of its own that begins as a known one does is no slip',
  'memry is a slip for memory',
  'amd.com/gpus is a slip for amd.com/gpu',
  'an unknown name in the limits of a worker is refused',
  'an unknown name in a second worker container is refused too',
  'a name in requests and limits is told once',
  'an annotation that can not be read calls no other name unknown',
  'an entry of notGpus without / or - at its end is a whole name',
  'GPUs in the limits of the whole head pod are refused',
  'an empty version is refused where KServe selects the runtime as well',
  'names and counts of any length and content are shown escaped and cut',
];

function isPlanned(world: World): boolean {
  return serviceSubject(world).plan !== null;
}

let unfollowed = 0;

function followedIn({ rule, service = [] }: RuleCases): readonly Followed[] {
  return service.flatMap((row) => {
    const found = findingsOf(worldOf(row));
    return found.flatMap((finding) => {
      if (finding.rule !== rule) return [];
      // Of several in one place it is not clear which one is gone.
      const edit = counted(found, keyOf(finding)) === 1 ? followed(finding) : null;
      if (edit === null) unfollowed++;
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

afterAll(() => console.info(`${all.length} fixes followed, ${unfollowed} take a person`));

test.each(all.map((one) => [`${one.finding.rule}: ${one.row.name}: ${one.finding.fix}`, one] as const))(
  '%s',
  (_what, { row, finding, edit }) => {
    const before = findingsOf(worldOf(row));
    const world = worldOf(row);
    edit(world);
    const after = findingsOf(world);
    expect(counted(after, keyOf(finding))).toBe(0);
    const isNewPlan = CHANGES_PLAN.includes(finding.rule) || !isPlanned(worldOf(row));
    const added = after
      .filter(({ rule }) => !(isNewPlan && OF_THE_PLAN.includes(rule)))
      .map(keyOf)
      .filter((key) => counted(after, key) > counted(before, key));
    if (!TWO_FAULTS.includes(row.name)) expect(added).toEqual([]);
  },
);
