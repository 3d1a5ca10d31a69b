/**
 * CEL and TypeScript agree: the policies alone, without any webhook, on a real API server, against headcount's own
 * verdicts, for every row of the rules' tables, for updates from row to row, and for objects of odd shapes. Rows with
 * settings of their own have a policy and a namespace of their own; all writes but the stored objects are dry runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { admit } from '../../src/admission/admit.ts';
import type { AdmissionRequest } from '../../src/admission/decision.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { policyObjects } from '../../src/cel/objects/policies.ts';
import { rulesOf } from '../../src/cel/objects/validations.ts';
import { RULE_IDS, RULES } from '../../src/rules/index.ts';
import { file as write, headcount as commandLine } from '../support/cli.ts';
import { clusterOf, requestFor } from '../support/helpers.ts';
import {
  minimalRuntime,
  minimalService,
  minimalWorld,
  runtimeSubject,
  serviceSubject,
  type Loose,
  type Row,
  type RuleCases,
  type World,
} from '../rules/cases.ts';
import { TestCluster } from './cluster/cluster.ts';
import { crds } from './cluster/crds.ts';
import { version } from './world.ts';

type Kind = 'service' | 'runtime';

/** A row of a rule's table, in the namespace whose policy has the row's settings. */
interface Case {
  readonly rule: string;
  readonly kind: Kind;
  readonly name: string;
  readonly world: World;
  readonly namespace: string;
  readonly object: Loose;
  /** Does the rule itself deny the row? */
  denied: boolean;
}

/** What the API server makes of a write: the rules of the policy that deny it, or who else refuses it. */
type Verdict = { readonly rules: readonly string[] } | { readonly refused: string };

const CASES_DIRECTORY = join(import.meta.dirname, '../rules');
const AT_ONCE = 16;
const DENIED = /ValidatingAdmissionPolicy '[^']+' with binding '[^']+' denied request: ([^]*)$/;
const RULE = new RegExp(`(?:^|; )(${RULE_IDS.join('|')}): `, 'g');

/** The settings of each namespace, as a key. */
const namespaces = new Map<string, { readonly name: string; readonly config: Config }>();
const cases: Case[] = [];
let cluster: TestCluster;
const said: string[] = [];

beforeAll(async () => {
  for (const file of readdirSync(CASES_DIRECTORY)) {
    if (!file.endsWith('.cases.ts')) continue;
    const { cases: table } = (await import(`../rules/${file}`)) as { cases: RuleCases };
    for (const kind of ['service', 'runtime'] as const)
      for (const row of table[kind] ?? []) cases.push(caseOf(table.rule, kind, row));
  }
  cluster = await TestCluster.start(version());
  await cluster.must(['create', '-f', '-'], crds());
  for (const kind of ['inferenceservices', 'servingruntimes'])
    while ((await cluster.kubectl(['get', `${kind}.serving.kserve.io`, '-A'])).code !== 0) await sleep(100);
  for (const { name } of namespaces.values())
    await must('POST', '/api/v1/namespaces', { metadata: { name } });
});
afterAll(async () => {
  console.info(`policy on Kubernetes ${version()}\n${said.join('\n')}`);
  await cluster?.stop();
});

function caseOf(rule: string, kind: Kind, row: Row): Case {
  const world = minimalWorld();
  row.change(world);
  const { protocols, notGpus, maxTotal } = world.settings;
  const types = world.kserve.customGpuTypes;
  const key = JSON.stringify([protocols, notGpus, maxTotal, types]);
  const config: Config = {
    ...DEFAULTS,
    storage: { ...DEFAULTS.storage, protocols },
    gpus: { types, notGpus, maxTotal },
  };
  if (!namespaces.has(key)) namespaces.set(key, { name: `settings-${namespaces.size}`, config });
  const namespace = namespaces.get(key)?.name ?? '';
  const object = kind === 'service' ? world.service : world.runtime;
  object.metadata.namespace = namespace;
  if (world.runtime.metadata.namespace !== undefined) world.runtime.metadata.namespace = namespace;
  // Names of their own, unless the row is about the name.
  if (object.metadata.name === 'llm' || object.metadata.name === 'rt')
    object.metadata.name = `${kind}-${cases.length}`;
  const denied = deniedBy({ rule, kind, world }, object);
  return { rule, kind, name: row.name, world, namespace, object, denied };
}

function deniedBy({ rule, kind, world }: Pick<Case, 'rule' | 'kind' | 'world'>, object: Loose): boolean {
  const checked = RULES.find(({ id }) => id === rule);
  const found =
    kind === 'service'
      ? checked?.checkService?.(serviceSubject({ ...world, service: object }))
      : checked?.checkRuntime?.(runtimeSubject({ ...world, runtime: object }));
  return [...(found ?? [])].some(({ severity }) => severity === 'deny');
}

/** A stored object as its author would send it. */
function strip({ status: _status, ...object }: Loose): Loose {
  const { name, namespace, annotations } = object.metadata;
  return structuredClone({ ...object, metadata: { name, namespace, ...(annotations && { annotations }) } });
}

/** Values that no field expects; strings that look like something. */
const ODD = 400;
const SEED = 6;
const oddValue = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom<unknown>(
      '',
      '0',
      '8',
      '8000m',
      '1.5',
      '-1',
      'a\nb',
      '"',
      'triton',
      'pvc://',
      'pvc://a/b',
      's3://x',
    ),
    fc.constantFrom<unknown>(0, 1, -1, 8, 1.5, 8192, 1e15, 1e30, true, false),
    fc.constantFrom<unknown>([], {}, [[]], [{}], [1], ['x'], { a: {} }, [
      { name: 'TENSOR_PARALLEL_SIZE', value: 3 },
    ]),
    fc.constantFrom<unknown>(
      { requests: 3 },
      { requests: { 'nvidia.com/gpu': [] }, limits: { 'foo/bar': 1.5 } },
    ),
    fc.constantFrom<unknown>(
      { requests: { 'amd.com/gpu': '1e3', 'nvidia.com/gpu': 2 } },
      { name: 7, env: [{ name: [] }] },
    ),
    fc.string({ maxLength: 70 }),
  );

/** The object with some of its parts replaced or added to; metadata is the API server's own. */
function oddly(object: Loose, namespace: string): fc.Arbitrary<Loose> {
  const names = [
    'resources',
    'env',
    'containers',
    'initContainers',
    'storageUris',
    'minReplicas',
    'huggingface',
    'name',
    'requests',
    'limits',
  ];
  return fc
    .array(fc.tuple(fc.nat(), oddValue(), fc.option(fc.constantFrom(...names))), {
      minLength: 1,
      maxLength: 4,
    })
    .map((edits) => {
      const copy = structuredClone(object);
      Object.assign(copy.metadata, { name: 'odd', namespace });
      for (const [place, value, added] of edits) {
        const places = placesIn(copy.spec);
        const [parent, key] = places[place % places.length] as [Loose, string];
        if (added !== null && typeof parent[key] === 'object' && !Array.isArray(parent[key]))
          parent[key][added] = structuredClone(value);
        else parent[key] = structuredClone(value);
      }
      return copy;
    });
}

function placesIn(value: Loose): readonly (readonly [Loose, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [[value, key] as const, ...placesIn(value[key])]);
}

function configOf(namespace: string): Config {
  const found = [...namespaces.values()].find(({ name }) => name === namespace);
  if (found === undefined) throw new Error(`no namespace ${namespace}`);
  return found.config;
}

function path({ kind, metadata: { namespace } }: Loose, name = ''): string {
  const [group, plural] =
    kind === 'InferenceService' ? ['v1beta1', 'inferenceservices'] : ['v1alpha1', 'servingruntimes'];
  return `/apis/serving.kserve.io/${group}/namespaces/${namespace}/${plural}${name === '' ? '' : `/${name}`}`;
}

async function must(method: string, at: string, body: Loose, type?: string): Promise<Loose> {
  const answer = await cluster.call(method, at, body, type === undefined ? {} : { type });
  if (answer.status >= 300) throw new Error(`${method} ${at}: ${JSON.stringify(answer.body).slice(0, 800)}`);
  return answer.body;
}

/** A dry run: of a create, or of an update of a stored object. */
async function ask(object: Loose, stored: Loose = null): Promise<Verdict> {
  const { status, body } =
    stored === null
      ? await cluster.call('POST', `${path(object)}?dryRun=All`, object)
      : await cluster.call('PUT', `${path(stored, stored.metadata.name)}?dryRun=All`, {
          ...object,
          metadata: {
            ...object.metadata,
            name: stored.metadata.name,
            resourceVersion: stored.metadata.resourceVersion,
          },
        });
  if (status < 300) return { rules: [] };
  const message = String(body?.message);
  const text = DENIED.exec(message)?.[1];
  if (text === undefined) return { refused: `${status} ${message}` };
  expect({ status, reason: body.reason }).toEqual({ status: 422, reason: 'Invalid' });
  expect(text).not.toMatch(/resulted in error|failed expression/);
  return { rules: [...new Set([...text.matchAll(RULE)].map(([, id = '']) => id))].toSorted() };
}

/** Runs through a list, several at a time. */
async function each<T, R>(list: readonly T[], run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < list.length; index = next++)
      results[index] = await run(list[index] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** @returns the rules by which /validate denies it, of those that the policy has */
async function headcount(object: Loose, old: Loose, world: World): Promise<readonly string[]> {
  const { kserve } = world;
  const fake = clusterOf([world.runtime], {
    kserve: () => ({ ...kserve, customGpuTypes: [] }),
    claim: () => world.claim,
  });
  const review: AdmissionRequest = requestFor(object, old);
  const decision = await admit('validate', review, fake, configOf(object.metadata.namespace));
  if (decision.outcome === 'failed') throw new Error(decision.message);
  const covered = rulesOf(object.kind === 'InferenceService' ? 'services' : 'runtimes').map(({ id }) => id);
  const found = decision.outcome === 'deny' ? decision.findings.map(({ rule }) => rule) : [];
  return [...new Set(found)].filter((id) => covered.includes(id)).toSorted();
}

/** Waits until a namespace has a policy for the kind, or none any more. */
async function inForce(kind: Kind, namespace: string, wanted: boolean): Promise<void> {
  const probe = kind === 'service' ? minimalService() : minimalWorld().runtime;
  Object.assign(probe.metadata, { name: 'probe', namespace });
  if (kind === 'service') probe.spec.predictor.minReplicas = 2;
  else probe.spec.workerSpec.containers = [];
  for (let wait = 0; ; wait++) {
    const verdict = await ask(probe);
    if ('rules' in verdict && verdict.rules.length > 0 === wanted) return;
    if (wait > 300) throw new Error(`the policy of ${namespace}: ${JSON.stringify(verdict)}`);
    await sleep(50);
  }
}

/** The policies of every namespace's settings, each bound to its namespace, for the kinds of the rows in it. */
async function applyPolicies(): Promise<void> {
  const kinds: readonly Kind[] = ['service', 'runtime'];
  const wanted = [...namespaces.values()].flatMap(({ name, config }) =>
    kinds
      .filter((kind) => cases.some((row) => row.namespace === name && row.kind === kind))
      .map((kind) => ({ name, config, kind })),
  );
  await each(wanted, async ({ name, config, kind }) => {
    const [policy, binding] = (policyObjects(config) as readonly Loose[]).filter(
      ({ metadata }) => metadata.name.startsWith('runtimes.') === (kind === 'runtime'),
    );
    const at = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic';
    policy.metadata.name =
      binding.metadata.name =
      binding.spec.policyName =
        `${name}.${policy.metadata.name}`;
    binding.spec.matchResources = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    };
    await must('POST', `${at}ies`, policy);
    await must('POST', `${at}ybindings`, binding);
    await inForce(kind, name, true);
  });
}

/**
 * Rows that headcount denies and the policy does not: the last column of docs/policy.md, row by row. Rules that the
 * policy has nothing of are left out.
 */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  merge: [
    'a request above its limit in the runtime is refused',
    'a sidecar of the same name in runtime and service is refused',
    'two sidecars of one name are refused',
    'an init container of the name of a sidecar is refused',
    "a value over the runtime's valueFrom is refused",
    "a valueFrom over the runtime's value is refused, on the worker",
    'value and valueFrom in one entry are refused',
    'both in one entry of the runtime are refused',
    'both in one entry of the runtime are refused from 0.20 on, too',
    "from 0.20 on the service's side wins",
    "value and valueFrom in two entries of one name are refused, since the runtime's env merges them",
    "a sidecar of the runtime's without a name is refused",
    'two sidecars of one name in the runtime are refused',
    "a limit below the runtime's request is refused",
    "a request above the runtime's limit is refused, on the worker",
    'a request above its limit in the service itself is refused',
    'of two entries of the runtime with one name, KServe merges the first',
    'two init containers of one name in the worker are refused',
    'an init container called as the worker container is refused',
    "an init container called as the model's is refused by the API server, not by KServe",
    "a probe that asks otherwise than the runtime's is refused, since both ways stay",
    'a probe that asks nothing is refused, on the worker',
    'a sidecar called worker-container is refused before KServe 0.18',
    'where KServe does not refuse PYTHONPATH, value and valueFrom of it are refused here',
  ],
  'autoscaler-class': [
    'class external is refused, as the form from before KServe 0.15',
    'class external is refused on 0.15, from 0.15.1 on',
    // Passes there; with the default release headcount denies it.
    "class external passes on Red Hat's fork",
  ],
  'deployment-mode': [
    'a live service of another mode is refused, since its mode stays',
    'the mode of the stored service counts where the new one comes without a status',
    'KServe 0.15 does not know Standard',
    'a ConfigMap with Standard is refused on 0.15, whose controller fails on it',
  ],
  'name-length': [
    'a name of 40 characters in a namespace of 13 makes a host name of 64',
    'predictor.name is refused from 0.20 on',
    'predictor.name makes the label longer from KServe 0.20 on, also without workers',
  ],
  'storage-uri': [
    'oci is refused by default',
    'oci is refused on 0.15, whatever the configuration admits',
    "oci passes on Red Hat's fork",
  ],
  canary: ['workerSpec in a canary predictor is refused'],
  'gpu-resource': [
    'a list of the runtime for its head that is none is refused, naming the runtime',
    'a list of the runtime for its workers that is none is refused',
    'an annotation of 257 types is refused unread',
    'a network resource with a request and no limit is refused, as by the API server',
    'a type of the runtime that KServe does not write, with another limit than request, is refused',
    'a count of the runtime that can not be read is refused, naming the runtime',
    'a listed network resource without GPUs beside it is refused',
    'a zero beside a network resource is no GPU request',
    "a network resource of the runtime without anybody's GPUs beside it is refused",
  ],
  'gpu-type-mix': [
    'a type that the runtime lists for the head alone is refused in the worker',
    'a type that the runtime lists for the worker alone is refused in the head',
    'what the runtime alone lists is refused in the place of the GPU, since KServe writes the count under it',
    'a listed cpu in the place of the GPU is refused, since KServe writes the count under it',
    'two types in a head that stays alone are refused, also where each of them gives the same plan',
    'the type of the runtime beside that of the service is refused, naming the runtime',
    'two types of the runtime alone are refused where they would be overridden',
    'two types in a head that stays alone with only one of them are refused',
    'a worker whose type comes from the runtime is refused at the head, naming the runtime',
    'two types that both come from the runtime are refused at the resources of the worker',
    'a worker without GPUs beside a head of another vendor gets nvidia.com/gpu and is refused',
    'a worker with a zero gets nvidia.com/gpu too',
    'a head without GPUs beside workers of another vendor is refused',
    'a zero of another vendor, beside which KServe writes nvidia.com/gpu, is refused',
    "a zero of another vendor in the runtime's worker is refused, though there are no workers",
    "a type that only the service's annotation lists, where the predictor's lists others, is refused",
  ],
  'parallel-size-env': [
    "a size in the runtime's head is refused, naming the runtime",
    "a size in the runtime's worker is refused",
  ],
  'parallel-size': [
    'a wrong size that the service inherits is refused, naming the runtime',
    'a product that reaches the cap only with the size of the runtime is refused',
  ],
  'reserved-env': [
    "valueFrom in the runtime's head is refused, naming the runtime",
    "valueFrom in the runtime's worker is refused",
    'INFERENCE_SERVICE_NAME with valueFrom on the head is refused',
    'INFERENCE_SERVICE_NAME with valueFrom in a sidecar is refused',
    "INFERENCE_SERVICE_NAME with valueFrom in a sidecar of the runtime's is refused",
    "INFERENCE_SERVICE_NAME with valueFrom in the runtime's transformer is refused",
    'an empty value replaces nothing',
    "before, both stay, and the runtime's is refused",
    'WORKER_SVC with valueFrom is refused from 0.18 on',
    'WORKER_SVC with valueFrom passes on 0.17, which does not set it',
    'INFERENCE_SERVICE_NAME with valueFrom passes on 0.16, which does not set it',
    'INFERENCE_SERVICE_NAME with valueFrom in a sidecar passes on 0.16, which does not set it',
  ],
  runtime: [
    'a runtime without containers is refused',
    'a runtime without kserve-container is refused',
    'a named runtime that does not exist is refused',
    'a disabled runtime is refused',
    'a runtime for another format is refused',
    'a runtime for another version of the format is refused',
    'a protocol that the runtime lacks is refused where the service states it',
    'a runtime without workerSpec is refused',
    'a runtime whose workerSpec has no container of the right name is refused',
    'where no runtime is named and none selects the format, the candidates and reasons are told',
    'where no runtime is named and the multi-node one is a multi-model one, it is refused',
    'where there is no multi-node runtime at all, that is said',
    'taking workerSpec out of a runtime is refused',
    'an empty version is refused where KServe selects the runtime as well',
    'of another format the version is not what is wrong',
    'an empty version of the format is refused: KServe looks for it',
    "KServe's own runtime without workerSpec is not advised in its own place",
  ],
};
/** Told by the update below: a create has no status and no stored object. */
const ONLY_UPDATES = [
  'a live service of another mode is refused, since its mode stays',
  'the mode of the stored service counts where the new one comes without a status',
  'taking workerSpec out of a runtime is refused',
];
/** Denied by the policy, and by headcount for another reason. */
const OTHER_REASON = [
  // The missing runtime.
  'nothing is said where no plan can be made',
  // The API server drops the status of an object that is created.
  'a service from 0.15 is warned of on 0.17, whose annotation is absent',
  "of such a service on Red Hat's fork nothing is said",
  // The API server has removed the unknown field.
  'storageURI is not missing as well: unknown-field speaks of it',
];

/** What these leave to headcount shows in rows of other rules as well. */
const PARTLY = ['gpu-resource', 'gpu-type-mix'];

const isLeft = ({ rule, name }: Case): boolean => LEFT[rule]?.includes(name) === true;
const covered = (): Case[] =>
  cases.filter(({ rule, kind }) =>
    rulesOf(kind === 'service' ? 'services' : 'runtimes').some(({ id }) => id === rule),
  );
const refused = (verdict: Verdict): boolean => 'refused' in verdict;

/** Each row's object as the API server keeps it, before there is a policy; null where the schema refuses it. */
let stored: readonly Loose[];
/** The smallest valid object of each kind, stored in each namespace. */
const good = new Map<string, Loose>();

/** Creates, and what the rule says of what the schema has left of the object. */
async function agreement(rows: readonly Case[]): Promise<readonly Case[]> {
  const verdicts = await each(rows, (row) => ask(row.object));
  const judged = rows.filter((_row, index) => !refused(verdicts[index] as Verdict));
  const wrong: string[] = [];
  const left: Record<string, string[]> = {};
  for (const [index, row] of rows.entries()) {
    const verdict = verdicts[index] as Verdict;
    if ('refused' in verdict) {
      expect(verdict.refused).not.toMatch(/ValidatingAdmissionPolicy|already exists/);
      continue;
    }
    if (verdict.rules.includes(row.rule) === row.denied) continue;
    if (row.denied) (left[row.rule] ??= []).push(row.name);
    else if (!OTHER_REASON.includes(row.name)) wrong.push(`${row.rule}: ${row.name}`);
  }
  expect(wrong).toEqual([]);
  const unknown = Object.entries(left).flatMap(([rule, names]) =>
    names.filter((name) => LEFT[rule]?.includes(name) !== true).map((name) => `${rule}: ${name}`),
  );
  expect(unknown).toEqual([]);
  said.push(
    `${judged.length} of ${rows.length} rows judged: ${judged.filter(({ denied }) => denied).length} denied by headcount, ` +
      `${Object.values(left).flat().length} of these left to it; the schema refused ${rows.length - judged.length} first`,
  );
  return judged;
}

/** Namespaces that differ in what is enforced there, by their names, with their labels. */
const ENFORCED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {},
  'label-deny': { 'headcount.dev/enforce': 'deny' },
  'label-warn': { 'headcount.dev/enforce': 'warn' },
  'label-off': { 'headcount.dev/enforce': 'off' },
  'label-odd': { 'headcount.dev/enforce': 'maybe' },
  exempt: {},
};

/** deny: refused; warn: admitted with a warning; off: admitted. */
type Enforced = 'deny' | 'warn' | 'off';

async function byPolicy(object: Loose): Promise<Enforced> {
  const at =
    object.kind === 'ClusterServingRuntime'
      ? '/apis/serving.kserve.io/v1alpha1/clusterservingruntimes'
      : path(object);
  const { status, body, warnings } = await cluster.call('POST', `${at}?dryRun=All`, object);
  if (status < 300) return warnings.some((line) => line.includes('multinode.headcount.dev')) ? 'warn' : 'off';
  expect(body.message).toMatch(DENIED);
  return 'deny';
}

async function byHeadcount(object: Loose, config: Config): Promise<Enforced> {
  const { runtime } = minimalWorld();
  runtime.metadata.namespace = object.metadata.namespace;
  const fake = clusterOf([runtime], {
    namespaceLabels: (namespace) => new Map(Object.entries(ENFORCED[namespace] ?? {})),
  });
  const request = { ...requestFor(object), namespace: object.metadata.namespace ?? '' };
  const decision = await admit('validate', request, fake, config);
  if (decision.outcome === 'deny') return 'deny';
  const ours = ['head-replicas', 'worker-container'];
  return decision.outcome === 'allow' && decision.warnings.some(({ rule }) => ours.includes(rule))
    ? 'warn'
    : 'off';
}

test('what headcount policy prints enforces what the configuration says, in each namespace', async () => {
  for (const [name, labels] of Object.entries(ENFORCED))
    await must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  const objects = Object.keys(ENFORCED).flatMap((namespace) => {
    const service = minimalService();
    Object.assign(service.metadata, { name: 'two-heads', namespace });
    service.spec.predictor.minReplicas = 2;
    const { runtime } = minimalWorld();
    runtime.kind = 'ServingRuntime';
    Object.assign(runtime.metadata, { name: 'no-worker', namespace });
    runtime.spec.workerSpec.containers = [];
    const other = structuredClone(service);
    other.metadata.name = 'other';
    return [service, other, runtime];
  });
  const everywhere = { ...objects[2], kind: 'ClusterServingRuntime', metadata: { name: 'no-worker' } };
  const exceptions = [
    {
      rules: ['head-replicas'],
      namespaces: ['plain', 'label-deny'],
      names: ['two-*', 'x'],
      reason: 'a trial',
      until: '2999-01-31',
    },
  ];
  const labelled = { labels: true, exempt: ['exempt'] };
  const unlabelled = { labels: false, exempt: [] };
  const configs: readonly Partial<Config>[] = [
    { enforcement: 'deny', namespaces: unlabelled, exceptions },
    { enforcement: 'warn', namespaces: unlabelled },
    { enforcement: 'warn', namespaces: labelled, exceptions },
    { enforcement: 'off', namespaces: labelled },
    { enforcement: 'deny', namespaces: labelled },
  ];
  const counts = { deny: 0, warn: 0, off: 0 };
  for (const settings of configs) {
    const head = { apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig' };
    const written = write('config.yaml', { ...head, ...settings });
    const { out: printed } = await commandLine(['policy', '--config', written]);
    await cluster.must(['apply', '-f', '-'], printed);
    const config = { ...DEFAULTS, ...settings };
    const wanted = new Map<Loose, Enforced>();
    for (const object of [...objects, everywhere]) {
      const ours = await byHeadcount(object, config);
      const named = settings.exceptions?.[0]?.namespaces.includes(object.metadata.namespace);
      // The policy says nothing of what is excepted.
      wanted.set(object, named && object.metadata.name === 'two-heads' && ours === 'warn' ? 'off' : ours);
    }
    for (const [object, expected] of wanted) {
      let found = await byPolicy(object);
      // The API server learns of a change within a second.
      for (let wait = 0; found !== expected && wait < 600; wait++) {
        await sleep(50);
        found = await byPolicy(object);
      }
      const { kind, metadata } = object;
      expect([settings, kind, metadata.namespace, metadata.name, found]).toEqual([
        settings,
        kind,
        metadata.namespace,
        metadata.name,
        expected,
      ]);
      counts[expected]++;
    }
  }
  await cluster.must([
    'delete',
    'validatingadmissionpolicybinding',
    ...['', 'lowered.', 'runtimes.', 'lowered.runtimes.'].map((prefix) => `${prefix}multinode.headcount.dev`),
  ]);
  // The next tests have policies of their own, whose bindings hold for every object without a namespace.
  while ((await each([...objects, everywhere], byPolicy)).some((found) => found !== 'off')) await sleep(50);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10);
  said.push(
    `${configs.length} configurations in ${Object.keys(ENFORCED).length} namespaces: ` +
      `${counts.deny} denials, ${counts.warn} warnings and ${counts.off} objects let through, as by headcount`,
  );
});

test('every row of the tables has the verdict that headcount gives', async () => {
  const rows = covered();
  stored = await each(rows, async (row) => {
    const { status, body } = await cluster.call(
      'POST',
      `${path(row.object)}${row.rule === 'name-length' ? '?dryRun=All' : ''}`,
      {
        ...row.object,
        metadata: {
          ...row.object.metadata,
          ...(row.rule !== 'name-length' && { name: `stored-${row.object.metadata.name}` }),
        },
      },
    );
    return status < 300 ? body : null;
  });
  for (const { name } of namespaces.values()) {
    for (const object of [minimalService(), minimalWorld().runtime]) {
      Object.assign(object.metadata, { name: 'good', namespace: name });
      good.set(`${name} ${object.kind}`, await must('POST', path(object), object));
    }
  }
  await applyPolicies();
  // What the schema drops nobody judges.
  for (const [index, row] of rows.entries())
    if (stored[index] !== null) row.denied &&= deniedBy(row, stored[index]);
  const judged = await agreement(rows);
  expect(judged.length).toBeGreaterThan(rows.length * 0.9);
  for (const [rule, names] of Object.entries(LEFT)) {
    const known = rows.filter((row) => row.rule === rule).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...names]));
  }
});

test('an update is denied for what it brings, and not for what the stored object had already', async () => {
  const rows = covered()
    .map((row, index) => ({ row, old: stored[index] }))
    .filter(({ row, old }) => old !== null && row.rule !== 'name-length' && row.world.outcome === null);
  const differing: string[] = [];
  let updates = 0;
  const compare = async (row: Case, object: Loose, old: Loose, what: string): Promise<void> => {
    // As the API server would hand it to a webhook.
    const next = {
      ...object,
      metadata: { ...object.metadata, name: old.metadata.name, uid: old.metadata.uid },
    };
    const verdict = await ask(next, old);
    if ('refused' in verdict) throw new Error(`${row.name}: ${verdict.refused}`);
    const ours = await headcount({ ...next, status: old.status }, old, row.world);
    updates++;
    const more = verdict.rules.filter((id) => !ours.includes(id));
    const less = ours.filter((id) => !verdict.rules.includes(id));
    if (more.length > 0) differing.push(`${what}: ${row.rule}: ${row.name}: policy denies ${more.join()}`);
    if (less.some((id) => !PARTLY.includes(id)) && !isLeft(row))
      differing.push(`${what}: ${row.rule}: ${row.name}: admits ${less.join()}`);
  };
  const fine = (object: Loose): Loose => good.get(`${object.metadata.namespace} ${object.kind}`);
  await each(rows, async ({ row, old }) => {
    await compare(row, strip(old), fine(old), 'good to bad');
    const touched = strip(old);
    touched.spec[row.kind === 'service' ? 'predictor' : 'annotations'] = {
      ...touched.spec[row.kind === 'service' ? 'predictor' : 'annotations'],
      ...(row.kind === 'service' ? { timeout: 7 } : { touched: 'yes' }),
    };
    await compare(row, touched, old, 'bad to bad');
    await compare(row, strip(fine(old)), old, 'bad to good');
  });
  expect(differing).toEqual([]);
  said.push(`${updates} updates of stored rows: the same rules deny`);

  // A mode that KServe has recorded, and the workerSpec of a runtime: seen in updates only.
  const live = minimalService();
  Object.assign(live.metadata, { name: 'live', namespace: 'settings-0' });
  const single = structuredClone(live);
  delete single.spec.predictor.workerSpec;
  await must('POST', path(single), single);
  const withStatus = await must(
    'PATCH',
    `${path(single, 'live')}/status`,
    { status: { deploymentMode: 'Knative' } },
    'application/merge-patch+json',
  );
  expect(await ask(live, withStatus)).toEqual({ rules: ['deployment-mode'] });
  const runtime = good.get('settings-0 ServingRuntime');
  const without = strip(runtime);
  delete without.spec.workerSpec;
  expect(await ask(without, runtime)).toEqual({ rules: ['runtime'] });
  // A disabled runtime is judged when it is enabled.
  const faulty = minimalRuntime();
  Object.assign(faulty.metadata, { name: 'disabled', namespace: 'settings-0' });
  faulty.spec.disabled = true;
  faulty.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '2' }];
  const disabled = await must('POST', path(faulty), faulty);
  faulty.spec.disabled = false;
  expect(await ask(faulty, disabled)).toEqual({ rules: ['parallel-size-env'] });
  expect(ONLY_UPDATES.every((name) => Object.values(LEFT).flat().includes(name))).toBe(true);
});

test('an object with thousands of entries is judged within the cost that CEL may have', async () => {
  const many = minimalService();
  Object.assign(many.metadata, { name: 'many', namespace: 'settings-0' });
  const { model } = many.spec.predictor;
  model.env = Array.from({ length: 5_000 }, (_, index) => ({ name: `A_${index}`, value: 'b'.repeat(20) }));
  for (let index = 0; index < 200; index++) model.resources.requests[`rdma/r-${index}`] = '1';
  many.metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify(
    Object.keys(model.resources.requests),
  );
  expect(await ask(many)).toEqual({ rules: [] });
  many.spec.predictor.containers = Array.from({ length: 100 }, (_, index) => ({
    name: `sidecar-${index}`,
    env: [{ name: 'TENSOR_PARALLEL_SIZE', value: String(index) }],
  }));
  expect(await ask(many)).toEqual({ rules: ['parallel-size-env'] });
});

/** Without the schema any field may have any type. */
async function openSchema(): Promise<void> {
  const open = parseAllDocuments(
    readFileSync(join(import.meta.dirname, 'cluster/minimal-crds.yaml'), 'utf8'),
  );
  for (const document of open) {
    const crd = document.toJS();
    const at = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
    const { body } = await cluster.call('GET', at);
    const versions = body.spec.versions.map((one: Loose) => ({
      ...one,
      schema: crd.spec.versions[0].schema,
    }));
    await must('PATCH', at, { spec: { versions } }, 'application/merge-patch+json');
  }
  const probe = minimalService();
  Object.assign(probe.metadata, { name: 'probe', namespace: 'settings-0' });
  probe.spec.predictor.minReplicas = 'two';
  while (refused(await ask(probe))) await sleep(50);
}

test('without the schema: the rows that it refused, and objects of any shape, never an error of CEL', async () => {
  await openSchema();
  const judged = await agreement(covered().filter((_row, index) => stored[index] === null));
  expect(judged.length).toBeGreaterThan(5);

  const services = fc.sample(oddly(minimalService(), 'settings-0'), { numRuns: ODD, seed: SEED });
  const runtimes = fc.sample(oddly(minimalWorld().runtime, 'settings-0'), { numRuns: ODD / 2, seed: SEED });
  const differing: string[] = [];
  const world = minimalWorld();
  world.runtime.metadata.namespace = 'settings-0';
  const compare = async (object: Loose, old: Loose): Promise<number> => {
    const verdict = await ask(object, old);
    if ('refused' in verdict) {
      expect(verdict.refused).not.toMatch(/ValidatingAdmissionPolicy/);
      return 0;
    }
    const next = {
      ...object,
      metadata: { ...object.metadata, ...(old !== null && { name: old.metadata.name }) },
    };
    const ours = await headcount(next, old, world);
    // headcount says nothing of types where it denies the runtime: no plan, no mix.
    const more = verdict.rules.filter(
      (id) => !ours.includes(id) && !(id === 'gpu-type-mix' && ours.length > 0),
    );
    // Two lists or maps where text belongs are one and the same to the policy's ratcheting; no schema lets them in.
    const less = ours.filter((id) => old === null && !verdict.rules.includes(id) && LEFT[id] === undefined);
    if (more.length + less.length > 0)
      differing.push(
        `policy ${more.join()}, headcount ${less.join()}: ${JSON.stringify([old?.spec, object])}`,
      );
    return verdict.rules.length > 0 ? 1 : 0;
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const denied = sum(await each([...services, ...runtimes], async (object) => compare(object, null)));

  // Stored before the policies are bound anew, so that they meet odd objects on both sides of an update.
  await bindTo('nowhere');
  const some = [...services.slice(0, ODD / 4), ...runtimes.slice(0, ODD / 8)];
  const olds = await each(some, async (object) => {
    const name = `odd-${some.indexOf(object)}`;
    return must('POST', path(object), { ...object, metadata: { ...object.metadata, name } });
  });
  await bindTo('settings-0');
  const again = sum(
    await each(olds, async (old) => {
      const others = old.kind === 'InferenceService' ? services : runtimes;
      const other = others[(olds.indexOf(old) * 7 + 3) % others.length];
      const touched = strip(old);
      touched.spec.touched = true;
      return (await compare(other, old)) + (await compare(touched, old));
    }),
  );
  expect(differing).toEqual([]);
  expect(denied).toBeGreaterThan(ODD / 4);
  expect(again).toBeGreaterThan(ODD / 16);
  said.push(
    `${services.length + runtimes.length} objects of odd shapes (${denied} denied) and ${2 * olds.length} updates of such ` +
      `(${again} denied): no error of CEL, nothing denied that headcount admits`,
  );
});

/** The policies of the default settings, in another namespace, once that is so. */
async function bindTo(namespace: string): Promise<void> {
  for (const prefix of ['', 'runtimes.']) {
    const name = `settings-0.${prefix}multinode.headcount.dev`;
    const spec = {
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    };
    const at = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${name}`;
    await must('PATCH', at, { spec }, 'application/merge-patch+json');
  }
  await inForce('service', 'settings-0', namespace === 'settings-0');
  await inForce('runtime', 'settings-0', namespace === 'settings-0');
}
