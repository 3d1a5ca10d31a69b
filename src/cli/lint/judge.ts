/** What lint makes of one object of a manifest: its findings with their places, in reading order. */
import { assess, assessRuntimeAsEnforced } from '../../admission/assess-as-enforced.ts';
import type { Assessment } from '../../admission/assess.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { readRuntime } from '../../kserve/runtime.ts';
import { asString, property } from '../../lib/json.ts';
import { RULE_IDS } from '../../rules/index.ts';
import { rule as modelRule } from '../../rules/model-config.ts';
import { SEVERITIES, type Finding, type Owner } from '../../rules/rule.ts';
import { nameOf } from '../planned/figures.ts';
import { fieldInFile } from '../shared/finding-text.ts';
import type { Item } from '../shared/items.ts';
import type { Place } from '../shared/yaml.ts';
import { UNREADABLE, type UnreadableFile } from '../shared/unreadable.ts';
import type { LintedObject, LintFinding, LintReport } from './report.ts';
import { suppressedBy, unknownAmong } from './suppress.ts';

/** Which rules have nothing to say, and why. */
export function notAsked({ rules, model }: Config): LintReport['notAsked'] {
  const off = RULE_IDS.filter((id) => rules[id] === 'off').map((id) => [id, 'the rule is off'] as const);
  return new Map([
    ...(model ? [] : [[modelRule.id, 'no model was given (--model-config)'] as const]),
    ...off,
  ]);
}

/** A file that can't be read, with the one finding about it. */
export function unreadableObject({ file, place, problem, fix }: UnreadableFile): LintedObject {
  const finding: LintFinding = {
    rule: UNREADABLE.id,
    severity: 'deny',
    field: '',
    owner: 'service',
    message: problem,
    fix,
    short: problem,
    place,
    suppressed: false,
  };
  return {
    file,
    part: 'file',
    kind: 'file',
    namespace: null,
    name: '',
    isUnplanned: false,
    enforcement: null,
    findings: [finding],
  };
}

/**
 * @param beside the objects of its file
 * @returns null for an object that no rule is about, such as a claim
 */
export async function judge(
  item: Item,
  beside: readonly Item[],
  cluster: Cluster,
  config: Config,
): Promise<LintedObject | null> {
  const { file, object, part } = item;
  if (part !== 'service' && part !== 'runtime') return null;
  const kind = asString(property(object, 'kind')) ?? '';
  if (part === 'runtime') {
    const { namespace, name } = readRuntime(object);
    const { findings: found, enforcement } = await assessRuntimeAsEnforced(object, cluster, config);
    const findings = located(found, item, 'runtime', ({ field }) => item.place(field));
    return { file, part, kind, namespace, name, isUnplanned: false, enforcement, findings };
  }
  return lintedService(item, beside, await assess(object, cluster, config));
}

/**
 * @param item the service that was assessed
 * @param beside the objects of its file: a finding about a runtime among them is shown there
 */
export function lintedService(item: Item, beside: readonly Item[], assessment: Assessment): LintedObject {
  const { file, object } = item;
  const { service, plan, enforcement, findings: found } = assessment;
  const kind = asString(property(object, 'kind')) ?? '';
  const runtime = found.some(({ owner }) => owner === 'runtime') ? runtimeAmong(beside, assessment) : null;
  const findings = located(found, item, 'service', (finding) =>
    finding.owner === 'runtime' && runtime !== null
      ? runtime.place(finding.field)
      : item.place(fieldInFile(finding, service)),
  );
  const isUnplanned = service.worker !== null && plan === null;
  return {
    file,
    part: 'service',
    kind,
    namespace: service.namespace,
    name: nameOf(service),
    isUnplanned,
    enforcement,
    findings,
  };
}

/** @returns the runtime that the service runs on, null where it is not among the items */
function runtimeAmong(items: readonly Item[], { runtime: found }: Assessment): Item | null {
  if (found.status !== 'found') return null;
  const { kind, namespace, name } = found.runtime;
  const isIt = ({ part, object }: Item): boolean => {
    if (part !== 'runtime') return false;
    const view = readRuntime(object);
    return view.kind === kind && view.namespace === namespace && view.name === name;
  };
  return items.findLast(isIt) ?? null;
}

/**
 * One cause is shown once: what a service's runtime is found to have is left out of the service where the runtime of the
 * same file has the finding.
 * @param objects those of one file
 */
export function withoutRepeats(objects: readonly LintedObject[]): readonly LintedObject[] {
  const key = ({ rule, message, place }: LintFinding): string =>
    JSON.stringify([rule, message, place.line, place.column]);
  const ofRuntimes = objects.filter(({ part }) => part === 'runtime').flatMap(({ findings }) => findings);
  const open = new Set(ofRuntimes.filter(({ suppressed }) => !suppressed).map(key));
  if (open.size === 0) return objects;
  return objects.map((object) =>
    object.part === 'service'
      ? {
          ...object,
          findings: object.findings.filter(
            (finding) => finding.owner !== 'runtime' || !open.has(key(finding)),
          ),
        }
      : object,
  );
}

/** @param placeOf where a finding is shown */
function located(
  found: readonly Finding[],
  { object }: Item,
  owner: Owner,
  placeOf: (finding: Finding) => Place,
): readonly LintFinding[] {
  const names = suppressedBy(object);
  return [...found, ...unknownAmong(names, owner)]
    .map((finding) => ({
      ...finding,
      place: placeOf(finding),
      suppressed: RULE_IDS.includes(finding.rule) && names.includes(finding.rule),
    }))
    .sort(inReadingOrder);
}

/** Sorts by line, then by severity with denials first; equal findings stay in the order of the rules. */
function inReadingOrder(a: LintFinding, b: LintFinding): number {
  return a.place.line - b.place.line || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}
