/** Env variables that have both value and valueFrom after KServe's merge. For merge. */
import type { EnvEntry } from '../../kserve/container.ts';
import type { MergedPair } from '../../kserve/merge.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

const NO_ENV: readonly EnvEntry[] = [];

/** Without env that this rule judges, the service can't add a second value to the runtime's. */
function mayHaveBothValues({ ofRuntime, own }: MergedPair, elsewhere: ReadonlySet<string>): boolean {
  const isOwn = (own?.env ?? NO_ENV).some(({ name }) => !elsewhere.has(name));
  return isOwn || (ofRuntime?.env ?? NO_ENV).some(isBoth);
}

/**
 * @param elsewhere names that other rules judge
 * @param ownWins does KServe's merge keep the service's side alone?
 */
export function* bothValues(
  pair: MergedPair,
  runtime: RuntimeView | null,
  elsewhere: ReadonlySet<string>,
  ownWins: boolean,
): Iterable<Report> {
  if (!mayHaveBothValues(pair, elsewhere)) return;
  const { ofRuntime, own } = pair;
  // KServe merges the entries one after the other, each into the first of its name. If the runtime has none, it takes the service's list as it is.
  const ofRuntimeEnv = ofRuntime?.env ?? NO_ENV;
  const inherited = new Map(ofRuntimeEnv.toReversed().map((entry) => [entry.name, entry]));
  const merged = new Map<string, EnvEntry>();
  for (const entry of own?.env ?? []) {
    const { name } = entry;
    const base = inherited.get(name);
    const earlier = inherited.size === 0 ? undefined : merged.get(name);
    merged.set(name, laidOver(earlier ?? base, entry));
    if (ownWins || elsewhere.has(name)) continue;
    if (isBoth(entry)) yield bothInOne(entry, '');
    else if (base !== undefined && isConflict(entry, base)) yield conflict(entry, nameOf(runtime));
    else if (earlier !== undefined && isConflict(entry, earlier)) yield givenTwice(entry);
  }
  for (const entry of ofRuntimeEnv) {
    const isMerged = merged.has(entry.name) && inherited.get(entry.name) === entry;
    if (isMerged || elsewhere.has(entry.name) || !isBoth(entry)) continue;
    yield { ...bothInOne(entry, ` in the ${nameOf(runtime)}`), owner: 'runtime' };
  }
}

/** Go does not write an empty value, so an empty value does not replace an earlier one. */
function laidOver(base: EnvEntry | undefined, over: EnvEntry): EnvEntry {
  if (base === undefined) return over;
  return { ...over, value: over.value || base.value, hasValueFrom: over.hasValueFrom || base.hasValueFrom };
}

/** Go leaves out an empty value. */
function isBoth({ value, hasValueFrom }: EnvEntry): boolean {
  return hasValueFrom && Boolean(value);
}

function isConflict(own: EnvEntry, base: EnvEntry): boolean {
  return (Boolean(own.value) && base.hasValueFrom) || (own.hasValueFrom && Boolean(base.value));
}

function bothInOne({ field, name }: EnvEntry, where: string): Report {
  return {
    severity: 'deny',
    field,
    message: `${quote(name)}${where} has both value and valueFrom, and the API server refuses the Deployment`,
    fix: `keep one of the two${where}`,
    short: `${quote(name)}${where} has both value and valueFrom: keep one of the two`,
  };
}

function conflict({ field, name, hasValueFrom }: EnvEntry, runtime: string): Report {
  const [own, other] = hasValueFrom ? ['valueFrom', 'value'] : ['value', 'valueFrom'];
  return {
    severity: 'deny',
    field,
    message:
      `${quote(name)} has ${own} here and ${other} in the ${runtime}; KServe's merge keeps both, ` +
      'and the API server refuses the Deployment',
    fix: `give ${quote(name)} with ${other} here too, or remove it`,
    short: `${quote(name)} has ${own} here and ${other} in the ${runtime}: use ${other}, or remove it`,
  };
}

function givenTwice({ field, name }: EnvEntry): Report {
  const found = `${quote(name)} is given twice, with value and with valueFrom`;
  return {
    severity: 'deny',
    field,
    message: `${found}; KServe's merge puts both into one entry, and the API server refuses the Deployment`,
    fix: 'keep one of the two',
    short: `${found}, which KServe merges into one entry: keep one of the two`,
  };
}

function nameOf(runtime: RuntimeView | null): string {
  return `${runtime?.kind} ${quote(runtime?.name)}`;
}
