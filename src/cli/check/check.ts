/**
 * `headcount check`: does the API server ask headcount, and act on its answers? Three services are sent as dry
 * runs, so nothing is stored; `helm test` runs it in the cluster. The command judges only the
 * API server's answers. It does not use its own copy of the rules, which would prove nothing about the webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../cluster/answer.ts';
import type { Api } from '../../cluster/api.ts';
import { APPLIED, MUTATION_MODE } from '../../kserve/annotations.ts';
import { at } from '../../lib/json.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Run } from '../shared/command.ts';
import { UsageError } from '../shared/refusal.ts';
import { apiOf } from '../shared/session.ts';

/** The API server learns of new webhook configurations within a second or so, pods take some more. */
const WAIT_SECONDS = 30;
const BETWEEN = 1_000;
const UNPROCESSABLE = 422;
const WEBHOOK = 'multinode.headcount.dev';

/** What the API server made of a service: the object as it would be stored, or why not. */
type Answer = { readonly object: unknown } | { readonly refusal: ApiError };

interface Check {
  readonly verdict: 'accepted' | 'mutated' | 'refused';
  /** GPUs of head and worker; null where headcount is to find them. */
  readonly gpus: readonly [head: number, worker: number] | null;
  readonly mutation: 'full' | 'off';
  /** @returns what is wrong with the answer, null when it is as it should be */
  readonly problem: (answer: Answer) => string | null;
}

const CHECKS: readonly Check[] = [
  {
    verdict: 'accepted',
    gpus: [8, 8],
    mutation: 'off',
    problem: (answer) => {
      if ('refusal' in answer) return answer.refusal.message;
      return hasRecord(answer) ? 'it was changed, though its annotation turns that off' : null;
    },
  },
  {
    verdict: 'mutated',
    gpus: null,
    mutation: 'full',
    problem: (answer) => {
      if ('refusal' in answer) return answer.refusal.message;
      return hasRecord(answer) ? null : `it came back without ${APPLIED}: /mutate was not asked`;
    },
  },
  {
    verdict: 'refused',
    gpus: [1, 8],
    mutation: 'off',
    problem: (answer) => {
      if (!('refusal' in answer)) return 'it was admitted, with 9 GPUs for 16: /validate was not asked';
      const { status, message } = answer.refusal;
      return status === UNPROCESSABLE && message.includes(WEBHOOK) ? null : message;
    },
  },
];

/** Exit code: 0 when all three come back as they should, 1 when not. */
export const check: Run = async (given, { stdout }) => {
  const end = Date.now() + secondsOf(given.text('wait')) * 1_000;
  const api = await apiOf(given);
  const namespace = given.text('namespace') ?? api.namespace;
  const runtime = given.text('runtime') ?? 'kserve-huggingfaceserver-multinode';
  let failed = false;
  try {
    for (const { verdict, problem, ...rest } of CHECKS) {
      const service = serviceFor({ ...rest, name: `headcount-check-${verdict}`, namespace, runtime });
      let found = problem(await ask(api, namespace, service));
      while (found !== null && Date.now() < end) {
        await sleep(BETWEEN);
        found = problem(await ask(api, namespace, service));
      }
      failed ||= found !== null;
      stdout.write(found === null ? `ok    ${verdict}\n` : `FAIL  ${verdict}: ${visibleLine(found)}\n`);
    }
  } finally {
    api.close();
  }
  return failed ? 1 : 0;
};

function secondsOf(text: string | null): number {
  if (text === null) return WAIT_SECONDS;
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`--wait ${text} is no number of seconds from 0 to 9999`);
  return Number(text);
}

async function ask(api: Api, namespace: string, service: object): Promise<Answer> {
  const path = `/apis/serving.kserve.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/inferenceservices`;
  try {
    return { object: await api.send('POST', `${path}?dryRun=All`, service) };
  } catch (error) {
    if (error instanceof ApiError) return { refusal: error };
    throw error;
  }
}

function hasRecord(answer: { readonly object: unknown }): boolean {
  return at(answer.object, 'metadata', 'annotations', APPLIED) !== undefined;
}

interface Place {
  readonly name: string;
  readonly namespace: string;
  readonly runtime: string;
}

function serviceFor({
  gpus,
  mutation,
  name,
  namespace,
  runtime,
}: Omit<Check, 'verdict' | 'problem'> & Place) {
  const [head, worker] = gpus ?? [];
  return {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name,
      namespace,
      annotations: {
        'serving.kserve.io/autoscalerClass': 'none',
        // The old name of the mode, because every release knows it.
        'serving.kserve.io/deploymentMode': 'RawDeployment',
        [MUTATION_MODE]: mutation,
      },
    },
    spec: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          runtime,
          storageUri: 'pvc://headcount-check/model',
          ...resourcesOf(head),
        },
        workerSpec: {
          tensorParallelSize: 8,
          pipelineParallelSize: 2,
          containers: [{ name: 'worker-container', ...resourcesOf(worker) }],
        },
      },
    },
  };
}

function resourcesOf(count: number | undefined): object {
  if (count === undefined) return {};
  const quantities = { 'nvidia.com/gpu': String(count) };
  return { resources: { requests: quantities, limits: quantities } };
}
