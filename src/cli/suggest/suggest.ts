/** `headcount suggest`: the TP x PP shapes for a model and a type of node, best first, and a manifest for each. */
import { releaseInForce } from '../../kserve/installed.ts';
import { shapesFor } from '../../vllm/shapes.ts';
import { weightsOf } from '../../vllm/weights.ts';
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { factsOf, gpuMemoryOf } from '../shared/model.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import { statedVersion } from '../shared/release.ts';
import { json } from './json.ts';
import { checkName, nameFor } from './manifest.ts';
import type { Format, SuggestReport } from './report.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';

const NO_CLUSTER = { status: 'unread', why: 'no cluster is asked' } as const;
const FORMATS = { text, json, yaml } satisfies Record<string, Format>;
/** No node has more, and each is tried. */
const MOST_GPUS = 64;

export const suggest: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  const path = given.text('model-config');
  const gpus = gpusPerNode(given);
  const gpuMemory = gpuMemoryOf(given);
  if (path === null || gpus === null || gpuMemory === null) throw new UsageError(missing(given));
  const node = { gpus, gpuMemory };
  const name = given.text('name');
  if (name !== null) checkName(name);
  const storageUri = given.text('storage-uri');
  if (storageUri !== null && !/^(?:pvc|oci):\/\/./.test(storageUri))
    throw new UsageError(
      `--storage-uri ${storageUri}: write pvc://CLAIM/PATH, since a multi-node service loads its model from a claim`,
    );
  const model = await factsOf(path, streams.stdin);
  const weights = weightsOf(model);
  if (weights === null) {
    throw new Refusal(`${path}: how much memory ${model.architecture} takes can't be told from it`);
  }
  const report: SuggestReport = {
    model,
    weights,
    node,
    release: releaseInForce(statedVersion(given) ?? 'auto', NO_CLUSTER).release,
    ...shapesFor(model, weights, node),
    service: { name: name ?? nameFor(model), storageUri },
  };
  if (report.shapes.length === 0 && outputs.every(({ format }) => format === 'yaml')) {
    throw new Refusal(`${path}: no shape fits`);
  }
  await writeOutputs(
    outputs.map(({ format, path: to }) => ({ path: to, text: FORMATS[format](report) })),
    streams,
  );
  return report.shapes.length === 0 ? 1 : 0;
};

const NEEDED = { 'model-config': 'FILE', 'gpus-per-node': 'NUMBER', 'gpu-memory': 'SIZE' };

/** Names all missing options at once. */
function missing(given: Arguments): string {
  const absent = Object.entries(NEEDED).filter(([option]) => given.text(option) === null);
  return `needed: ${absent.map(([option, example]) => `--${option} ${example}`).join(', ')}`;
}

function gpusPerNode(given: Arguments): number | null {
  const value = given.text('gpus-per-node');
  if (value === null) return null;
  const gpus = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (gpus < 1 || gpus > MOST_GPUS) {
    throw new UsageError(`--gpus-per-node ${value} is no whole number from 1 to ${MOST_GPUS}`);
  }
  return gpus;
}
