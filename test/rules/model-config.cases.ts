import { readModel } from '../../src/vllm/facts.ts';
import { modelNamed } from '../support/models.ts';
import type { RuleCases, World } from './cases.ts';

const WORKER = 'spec.predictor.workerSpec';
const TP = `${WORKER}.tensorParallelSize`;
const PP = `${WORKER}.pipelineParallelSize`;

/** Case 1 of the guide, TP 8 x PP 2, for a model; GPUs of 80 GB. */
function serving(name: string, change: (world: World) => void = () => {}): (world: World) => void {
  return (world) => {
    const facts = readModel(modelNamed(name).config);
    if ('missing' in facts) throw new Error(facts.missing);
    world.settings.model = { facts, gpuMemory: 80e9 };
    change(world);
  };
}

function sizes(tensorParallelSize: number, pipelineParallelSize: number): (world: World) => void {
  return ({ service }) =>
    Object.assign(service.spec.predictor.workerSpec, { tensorParallelSize, pipelineParallelSize });
}

export const cases: RuleCases = {
  rule: 'model-config',
  service: [
    {
      name: 'attention heads that TP does not divide are refused, with the sizes that do',
      change: serving('Qwen2-7B-Instruct'),
      expect: { severity: 'deny', field: TP, says: /28 attention heads can't be divided by TP 8/ },
    },
    {
      name: 'attention heads that TP divides pass',
      change: serving('Qwen2-7B-Instruct', sizes(4, 2)),
      expect: null,
    },
    {
      name: 'KV heads that TP does not divide are refused',
      change: serving('Phi-3-medium-128k-instruct'),
      expect: { severity: 'deny', field: TP, says: /10 KV heads can't be divided by TP 8/ },
    },
    {
      name: 'KV heads that TP can not repeat evenly are refused',
      change: serving('Mistral-Large-Instruct-2407', sizes(12, 2)),
      expect: { severity: 'deny', field: TP, says: /8 KV heads can't be repeated evenly on TP 12/ },
    },
    {
      name: 'KV heads that TP repeats evenly are noted',
      change: serving('Mistral-Large-Instruct-2407', sizes(16, 2)),
      expect: { severity: 'note', field: TP, says: /each of the 8 KV heads 2 times/ },
    },
    {
      name: 'everything that is against one size is one finding',
      change: serving('Llama-3.1-8B-Instruct', sizes(3, 2)),
      expect: { severity: 'deny', field: TP, says: /32 attention .*; 8 KV .*; the feed-forward size 14336/ },
    },
    {
      name: 'parts that are no whole groups of a quantised weight are refused',
      change: serving('InternVL3-78B-AWQ'),
      expect: { severity: 'deny', field: TP, says: /29568 \/ TP 8 = 3696 is not a multiple of awq's group/ },
    },
    {
      name: 'parts that are whole groups pass',
      change: serving('Qwen2.5-72B-Instruct-AWQ'),
      expect: null,
    },
    {
      name: 'experts that can not be split are refused',
      change: serving('Qwen3-235B-A22B-FP8'),
      expect: { severity: 'deny', field: TP, says: /experts' size 1536 \/ TP 8 = 192/ },
    },
    {
      name: 'experts that stay whole pass',
      change: serving('MiniMax-M2', ({ service }) =>
        service.spec.predictor.model.args.push('--enable-expert-parallel'),
      ),
      expect: null,
    },
    {
      name: "expert parallelism may be the runtime's",
      change: serving('MiniMax-M2', ({ runtime }) => (runtime.spec.containers[0].args = ['-ep'])),
      expect: null,
    },
    {
      name: 'latent attention has no KV heads to divide; 61 layers on 2 stages are noted',
      change: serving('DeepSeek-V3'),
      expect: { severity: 'note', field: PP, says: /the largest stage has 31/ },
    },
    {
      name: 'more stages than layers are refused',
      change: serving('Llama-3.1-8B-Instruct', sizes(1, 40)),
      expect: { severity: 'deny', field: PP, says: /32 layers are not enough for 40/ },
    },
    {
      name: 'weights that do not fit the GPUs are warned of, with the formula',
      change: serving('Llama-3.1-405B-Instruct', sizes(8, 1)),
      expect: {
        severity: 'warn',
        field: WORKER,
        says: /405\.8 B parameters at 16 bits = 812 GB > TP 8 x PP 1 x 80 GB x 0\.9 = 576 GB/,
      },
    },
    {
      name: 'weights that fit pass',
      change: serving('Llama-3.1-405B-Instruct'),
      expect: null,
    },
    {
      name: 'without the memory of a GPU nothing is said about it',
      change: serving('Llama-3.1-405B-Instruct', (world) => {
        sizes(1, 2)(world);
        const { model } = world.settings;
        if (model !== null) world.settings.model = { ...model, gpuMemory: null };
      }),
      expect: null,
    },
    {
      name: 'the webhook knows no model',
      change: sizes(7, 2),
      expect: null,
    },
    {
      name: 'a single-node service is not judged',
      change: serving('Qwen2-7B-Instruct', ({ service }) => delete service.spec.predictor.workerSpec),
      expect: null,
    },
  ],
};
