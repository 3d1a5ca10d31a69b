/**
 * The name is one that KServe takes, and leaves room for what it puts around it.
 *
 * Reads: metadata.name, or metadata.generateName while the name is not known; the namespace, and how KServe's
 * ConfigMap makes host names.
 * Allowed: up to 41 characters, so that the longest derived name has 63; with KServe's own host names, 52 together
 * with the namespace; of a generateName, what the API server will make of it.
 * Why: KServe's webhook refuses a name that does not begin with a letter, or has other characters than lower-case letters,
 * digits and hyphens. It derives a label value, two Services and a host name from the name; past 63 characters they are
 * refused, and the service hangs with an error in the controller's log. If a name ends in
 * -predictor, KServe gives the workers the address of a Service that does not exist. From 0.20 on, predictor.name has
 * the same effect.
 * Source: docs/kserve.md, Derived names; Kubernetes, label values and Service names.
 */
import { has } from '../kserve/releases.ts';
import type { ServiceView } from '../kserve/view.ts';
import {
  CUT_SUFFIX,
  headService,
  LONGEST_LABEL,
  MOST_GENERATIONS,
  NAME_PATTERN,
  ROOM,
  workerLabel,
  workerService,
} from '../kserve/names.ts';
import type { KServeFacts } from '../kserve/gpus.ts';
import { hostName } from '../kserve/host-name.ts';
import type { Report, Rule } from './rule.ts';
import { quote, visible } from '../lib/text.ts';

/** The API server cuts a generateName to 58 characters and appends 5 of its own. */
const GENERATED = 5;

/** Names that KServe derives, with the characters that it puts around the service's own. */
const DERIVED = [
  { what: 'label value isvc.<name>-predictor-worker', added: workerLabel('').length },
  { what: 'Service <name>-workers-<generation>', added: workerService('', MOST_GENERATIONS).length },
  { what: 'Service <name>-head-<generation>', added: headService('', MOST_GENERATIONS).length },
];
const NAME = new RegExp(`^${NAME_PATTERN}$`);
const BEGINNING_OF_NAME = /^[a-z][-a-z0-9]*$/;

export const rule: Rule = {
  id: 'name-length',
  summary: 'The name is one that KServe takes, with room for what it derives from it',
  checkService({ service, plan, kserve }) {
    if (service.worker === null) return [];
    const known = nameOf(service);
    const hasWorkers = plan === null || plan.worker.replicas > 0;
    const renames = hasWorkers && has(kserve.release, 'predictorNameInNames');
    return [
      ...(known === null ? [] : tooLong(known, service, kserve)),
      ...(known !== null && !isRegular(known) ? [irregular(known)] : []),
      ...(service.name?.endsWith(CUT_SUFFIX) === true ? [suffixed(service.name)] : []),
      ...(renames ? lostHead(service) : []),
    ];
  },
};

function isRegular({ given, appended }: KnownName): boolean {
  return (appended > 0 ? BEGINNING_OF_NAME : NAME).test(given);
}

function irregular({ field, given }: KnownName): Report {
  const fix = 'begin with a letter, and use lower-case letters, digits and hyphens only';
  return {
    severity: 'deny',
    field,
    message: `KServe refuses the name ${quote(given)}: it takes lower-case letters, digits and hyphens, and a letter first`,
    fix,
    short: `KServe refuses the name ${quote(given)}: ${fix}`,
  };
}

function tooLong(known: KnownName, service: ServiceView, kserve: KServeFacts): readonly Report[] {
  const { field, shown, appended } = known;
  const inNames = has(kserve.release, 'predictorNameInNames') ? service.predictorName : null;
  const more = inNames === null ? 0 : `-${inNames}`.length;
  const length = known.length + more;
  const host = hostLabel(length, service.namespace, kserve);
  if (length <= ROOM && host <= LONGEST_LABEL) return NOTHING;
  const derived = [
    ...DERIVED.map(({ what, added }) => ({ what, length: length + added })),
    { what: `host name <name>-predictor-<namespace>`, length: host },
  ].filter((name) => name.length > LONGEST_LABEL);
  const most = Math.min(ROOM, length - Math.max(0, host - LONGEST_LABEL)) - appended - more;
  const list = derived.map((name) => `${name.what} of ${name.length}`).join(', the ');
  const advice =
    most > 0 ? `write at most ${most} characters` : 'use a namespace with a shorter name, and a shorter name';
  return [
    {
      severity: 'deny',
      field,
      message: `${shown} makes a name of ${length} characters, which is too long: KServe derives the ${list} from it, and ${LONGEST_LABEL} are allowed`,
      fix: advice,
      short: `a name of ${length} characters is too long for what KServe derives from it: ${advice}`,
    },
  ];
}

/** Characters of the longest part of the host name; 0 where its template asks for what is not known here. */
function hostLabel(length: number, namespace: string, kserve: KServeFacts): number {
  const host = hostName('x'.repeat(length), namespace, kserve);
  return host === null ? 0 : longestLabel(host);
}

function longestLabel(host: string): number {
  let longest = 0;
  for (let start = 0; start <= host.length;) {
    const dot = host.indexOf('.', start);
    const end = dot === -1 ? host.length : dot;
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
}

const NOTHING: readonly Report[] = [];

function suffixed(name: string): Report {
  return {
    severity: 'deny',
    field: 'metadata.name',
    message: `the name ends in ${CUT_SUFFIX}, which KServe cuts off where it tells the workers the address of the head: they look for a Service that is not there`,
    fix: `write ${visible(name.slice(0, -CUT_SUFFIX.length))}`,
    short: `a name that ends in ${CUT_SUFFIX} makes the workers look for a Service that is not there: write it without`,
  };
}

/** KServe puts predictor.name into the name of the head's Service, but not into the HEAD_SVC of the workers. */
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
  readonly given: string;
  readonly shown: string;
  readonly length: number;
  /** Characters that the API server appends to what stands in the field. */
  readonly appended: number;
}

function nameOf({ name, generateName }: ServiceView): KnownName | null {
  if (name !== null) {
    return {
      field: 'metadata.name',
      given: name,
      shown: `"${visible(name)}"`,
      length: name.length,
      appended: 0,
    };
  }
  if (generateName === null) return null;
  return {
    field: 'metadata.generateName',
    given: generateName,
    shown: `"${visible(generateName)}" with ${GENERATED} characters appended`,
    length: Math.min(generateName.length, LONGEST_LABEL - GENERATED) + GENERATED,
    appended: GENERATED,
  };
}
