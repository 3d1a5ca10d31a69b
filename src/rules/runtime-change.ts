/**
 * A changed runtime leaves the services on it running, as they are.
 *
 * Reads: the multi-node services on the runtime, planned on the stored runtime and on the new one.
 * Denied: a change with which services can no longer run: another GPU type beside the one that they state, too few
 * GPUs, or whatever else a rule denies of them now and did not before. The annotation headcount.dev/allow-breaking:
 * "true" on the runtime lowers it to a warning.
 * Warned: services that KServe plans anew at once, since the runtime gives what they do not state; services whose pods
 * it replaces, since an image, a script or the like has changed; and services that
 * stay as they are until their next edit, because headcount has written the numbers of the stored runtime into them.
 * Why: KServe watches runtimes and reconciles every service on one as soon as it changes.
 * Source: KServe, the InferenceService controller's watches of both runtime kinds.
 */
import type { AffectedService, RuntimeSubject, ServicePlan } from './subject.ts';
import type { Report, Rule } from './rule.ts';
import { visible } from '../lib/text.ts';

const MOST_SERVICES = 10;
const ALLOW = 'headcount.dev/allow-breaking: "true"';

export const rule: Rule = {
  id: 'runtime-change',
  summary: 'A changed runtime leaves the services on it running as they are',
  checkRuntime(subject) {
    const { services, complete } = subject.affected;
    const named = EFFECTS.flatMap((effect) => {
      const these = services.filter((service) => service.effect === effect);
      return these.length === 0 ? [] : [report(effect, these, subject)];
    });
    return complete ? named : [...named, NOT_ALL];
  },
};

const EFFECTS = ['breaks', 're-plans', 'rolls', 'keeps'] as const;

interface Wording {
  readonly what: string;
  readonly fix: string;
  readonly brief: string;
}

const WORDINGS: Readonly<Record<AffectedService['effect'], Wording>> = {
  breaks: {
    what: 'with this change services can no longer run',
    fix: `change the services first, use a runtime of another name, or allow it with the annotation ${ALLOW} on the runtime`,
    brief: 'services can no longer run with this change',
  },
  're-plans': {
    what: 'KServe plans services anew at once, since they do not state what the runtime changes',
    fix: 'have the GPUs for the roll-out free, or write the sizes and counts into the services first',
    brief: 'KServe plans services anew at once',
  },
  rolls: {
    what: 'KServe replaces the pods of services at once, the new ones beside the old ones unless their strategy is Recreate',
    fix: 'have the GPUs for the roll-out free, or use a runtime of another name and move the services one by one',
    brief: 'KServe rolls services out at once',
  },
  keeps: {
    what: 'services keep the numbers that they state until their next edit',
    fix: 'check each with headcount plan before it is edited',
    brief: 'services change at their next edit',
  },
};

function report(
  effect: AffectedService['effect'],
  services: readonly AffectedService[],
  { runtime }: RuntimeSubject,
): Report {
  const { what, fix, brief } = WORDINGS[effect];
  const listed = services.slice(0, MOST_SERVICES);
  const rest = services.length - listed.length;
  const more = rest > 0 ? `; and ${rest} more` : '';
  return {
    severity: effect === 'breaks' && !runtime.allowsBreaking ? 'deny' : 'warn',
    field: 'spec',
    message: `${what}: ${listed.map(shown).join('; ')}${more}`,
    fix,
    short: cut(`${brief}: ${listed.map(shown).join('; ')}${more}`),
  };
}

const NOT_ALL: Report = {
  severity: 'warn',
  field: 'spec',
  message: 'not all services on this runtime were checked',
  fix: 'check the others with headcount audit',
  short: 'not all services on this runtime were checked: check the others with headcount audit',
};

function shown(service: AffectedService): string {
  const { before, after, why } = service;
  const change = after === null || numbers(after) === numbers(before) ? '' : ` become ${numbers(after)}`;
  return `${nameOf(service)}: ${numbers(before)}${change}${why === null ? '' : ` (${why})`}`;
}

function nameOf({ namespace, name }: AffectedService): string {
  return `${visible(namespace)}/${visible(name)}`;
}

function numbers({ pods, gpus }: ServicePlan): string {
  return `${pods} ${pods === 1 ? 'pod' : 'pods'} with ${gpus} GPUs`;
}

/** The names of all services can be longer than a warning may be. */
function cut(text: string): string {
  return text.length <= 250 ? text : `${text.slice(0, 236)} and others`;
}
