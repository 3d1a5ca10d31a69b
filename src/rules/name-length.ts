/**
 * The name leaves room for what KServe puts around it.
 *
 * Reads: metadata.name, or metadata.generateName while the name is not known; predictor.name from KServe 0.20 on.
 * Allowed: up to 41 characters, so that the longest derived name has 63; of a generateName, what the API
 * server will make of it. No predictor.name from 0.20 on, where a worker pod is planned.
 * Why: KServe derives a label value and two Services from the name; past 63 characters the API server
 * refuses them, and the service hangs with an error in the controller's log.
 * Source: docs/kserve.md, Derived names; Kubernetes, label values and Service names.
 */
import { has } from '../kserve/releases.ts';
import type { ServiceView } from '../kserve/view.ts';
import {
  headService,
  LONGEST_LABEL,
  MOST_GENERATIONS,
  ROOM,
  workerLabel,
  workerService,
} from '../kserve/names.ts';
import type { Report, Rule } from './rule.ts';
import { quote, visible } from '../lib/text.ts';

/** The API server cuts a generateName to 58 characters and appends 5 of its own. */
const GENERATED = 5;

const DERIVED: readonly { readonly what: string; readonly make: (name: string) => string }[] = [
  { what: 'label value isvc.<name>-predictor-worker', make: workerLabel },
  { what: 'Service <name>-workers-<generation>', make: (name) => workerService(name, MOST_GENERATIONS) },
  { what: 'Service <name>-head-<generation>', make: (name) => headService(name, MOST_GENERATIONS) },
];

export const rule: Rule = {
  id: 'name-length',
  summary: `The name has at most ${ROOM} characters`,
  checkService({ service, plan, kserve }) {
    if (service.worker === null) return [];
    const hasWorkers = plan === null || plan.worker.replicas > 0;
    const renames = hasWorkers && has(kserve.release, 'predictorNameInNames');
    return [...tooLong(service), ...(renames ? lostHead(service) : [])];
  },
};

function tooLong(service: ServiceView): readonly Report[] {
  const known = nameOf(service);
  if (known === null || known.length <= ROOM) return [];
  const { field, length, shown, most } = known;
  const derived = DERIVED.map(({ what, make }) => ({ what, length: length + make('').length }))
    .filter((one) => one.length > LONGEST_LABEL)
    .map((one) => `${one.what} of ${one.length}`);
  return [
    {
      severity: 'deny',
      field,
      message: `${shown} makes a name of ${length} characters, from which KServe derives the ${derived.join(', the ')}, where ${LONGEST_LABEL} are allowed`,
      fix: `write at most ${most} characters`,
      short: `a name of ${length} characters is too long for what KServe derives from it: write at most ${most}`,
    },
  ];
}

/** KServe puts predictor.name into the name of the head's Service, and not into the HEAD_SVC that it tells the workers. */
function lostHead({ predictorName, predictorField }: ServiceView): readonly Report[] {
  if (predictorName === null) return [];
  const field = `${predictorField}.name`;
  return [
    {
      severity: 'deny',
      field,
      message: `predictor.name is ${quote(predictorName)}, which KServe puts into the name of the head's Service and not into HEAD_SVC, so that the workers look for a Service that is not there`,
      fix: `remove ${field}`,
      short: `predictor.name ${quote(predictorName)} makes the workers look for a Service that is not there: remove it`,
    },
  ];
}

interface KnownName {
  readonly field: string;
  readonly shown: string;
  readonly length: number;
  /** Characters that may be written in this field. */
  readonly most: number;
}

function nameOf({ name, generateName }: ServiceView): KnownName | null {
  if (name !== null) {
    return { field: 'metadata.name', shown: `"${visible(name)}"`, length: name.length, most: ROOM };
  }
  if (generateName === null) return null;
  return {
    field: 'metadata.generateName',
    shown: `"${visible(generateName)}" with ${GENERATED} characters appended`,
    length: Math.min(generateName.length, LONGEST_LABEL - GENERATED) + GENERATED,
    most: ROOM - GENERATED,
  };
}
