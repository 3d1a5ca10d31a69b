/**
 * KServe's verdict and headcount's, side by side, for manifests that were run through KServe 0.19.0's own packages
 * (its defaulter, validator and controller): what KServe refuses or fails on, headcount denies by the rule that names
 * the cause; what KServe deploys, headcount admits, but for the differences that are wanted. The table is printed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { assess } from '../../src/admission/assess-as-enforced.ts';
import { Catalogue } from '../../src/cluster/catalogue.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { KSERVE } from '../support/folders.ts';
import { testWithShared } from '../support/shared.ts';
import type { Loose } from './cases.ts';

const FILE = join(KSERVE, 'cases.json');

type Outcome = 'deploys' | 'refuses' | 'fails' | 'panics' | 'finds no runtime';

/** Differences that are wanted: the rules that deny, and why. */
const WANTED: Readonly<Record<string, readonly [rules: string, why: string]>> = {
  'd-2': ['gpu-type-mix', 'the guide: two GPU types are not to be used'],
  'd-3': ['gpu-capacity', 'KServe deploys another count than the one that is stated'],
  'd-4': ['gpu-capacity gpu-type-mix', 'KServe deploys another count than stated, and two GPU types'],
  'f-min0': ['head-replicas', 'the guide: exactly one head; KServe starts the workers alone'],
  'f-oci': ['storage-uri', 'the guide: claims only; oci is for the configuration to admit'],
  'm-canary': ['canary', '0.19 drops spec.canary; later releases run two halves of two clusters'],
  'm-dup2': ['merge', 'the API server refuses the Deployment'],
  'm-strategy': ['merge', 'the API server refuses the Deployment'],
  'm-predann-hpa': ['autoscaler-class', 'KServe makes an autoscaler beside the one head'],
  'v-canary-worker': [
    'canary',
    'no runtime is looked up for one node; from 0.20 on KServe refuses workerSpec there',
  ],
  'm-predsuffix': ['name-length', 'the workers look for a Service that is not there'],
};

/** What fails in the one process in which the cases were run, and not in a cluster. */
const ONLY_THERE: Readonly<Record<string, string>> = {
  'm-otel': 'the process knows no OpenTelemetry collector; a cluster has its definition',
};

/** What KServe's words are about; the first that matches. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/invalid GPU format|Unknown GPU resource type/, 'gpu-resource'],
  [/'name' field is not allowed/, 'worker-container'],
  [/multiple containers in workerSpec/, 'worker-container'],
  [/autoscaler\(/, 'autoscaler-class'],
  [/Storage Protocol|StorageURIs|storage\.path/, 'storage-uri'],
  [/PARALLEL_SIZE in environment/, 'parallel-size-env'],
  [/ParallelSize cannot be less than 1/, 'parallel-size'],
  [/PYTHONPATH/, 'reserved-env'],
  [/exactly one of/, 'merge'],
  [/placeholders/, 'template'],
  [/invalid domain name/, 'name-length'],
  [/unsupported deployment mode/, 'deployment-mode'],
  [/nil pointer/, 'autoscaler-class'],
  [/total required number of GPUs/, 'gpu-capacity'],
  [/no container configuration|find kserve-container|[Nn]o runtime found/, 'runtime'],
];

function outcomeOf({ webhook, panic, error }: Loose): readonly [Outcome, words: string] {
  if (webhook !== undefined) return ['refuses', webhook];
  if (panic !== undefined) return ['panics', panic];
  if (error === undefined) return ['deploys', ''];
  return [/no runtime found/i.test(error) ? 'finds no runtime' : 'fails', error];
}

async function denyingRules(docs: readonly Loose[]): Promise<readonly string[]> {
  // Without the built-in runtime, which the cases did not have.
  const catalogue = new Catalogue('partial');
  for (const object of docs) catalogue.add(object);
  const service = docs.find(({ kind }) => kind === 'InferenceService');
  const { findings } = await assess(service, catalogue, DEFAULTS);
  return [...new Set(findings.filter(({ severity }) => severity === 'deny').map(({ rule }) => rule))].sort();
}

/** @returns why the two verdicts go together; null where they do not */
function explanation(
  name: string,
  [outcome, words]: readonly [Outcome, string],
  denied: readonly string[],
): string | null {
  if (ONLY_THERE[name] !== undefined) return denied.length === 0 ? `admitted: ${ONLY_THERE[name]}` : null;
  const [rules, why] = WANTED[name] ?? [];
  if (why !== undefined) return rules === denied.join(' ') ? `wanted: ${why}` : null;
  if (outcome === 'deploys') return denied.length === 0 ? 'equal' : null;
  const cause = CAUSES.find(([pattern]) => pattern.test(words))?.[1];
  return cause !== undefined && denied.includes(cause) ? 'equal' : null;
}

testWithShared(
  'what KServe fails on is denied, what it deploys is admitted, but for what is wanted otherwise',
  async () => {
    const cases: readonly Loose[] = JSON.parse(readFileSync(FILE, 'utf8'));
    const rows = await Promise.all(
      cases.map(async ({ name, docs, kserve }) => {
        const outcome = outcomeOf(kserve);
        const denied = await denyingRules(docs);
        return { name, outcome: outcome[0], denied, why: explanation(name, outcome, denied) };
      }),
    );
    const lines = rows.map(({ name, outcome, denied, why }) =>
      [
        name.padEnd(16),
        outcome.padEnd(17),
        (denied.join(' ') || 'admitted').padEnd(34),
        why ?? 'UNEXPLAINED',
      ].join(' '),
    );
    const unexplained = rows.filter(({ why }) => why === null).map(({ name }) => name);
    console.info(`${lines.join('\n')}\n${rows.length} cases, ${unexplained.length} unexplained`);
    expect(unexplained).toEqual([]);
    const names = new Set(rows.map(({ name }) => name));
    const listed = [WANTED, ONLY_THERE].flatMap((list) => Object.keys(list));
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
  },
);
