/** `headcount suggest`: the TP x PP shapes for a model and a type of node, best first, and a manifest for each. */
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { factsOf, gpuMemoryOf } from '../shared/model.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import { statedVersion } from '../shared/release.ts';
import { json } from './json.ts';
import type { Format } from './report.ts';
import { gpusIn, suggested } from './suggested.ts';
import { text, warningsFor } from './text.ts';
import { yaml } from './yaml.ts';

const FORMATS = { text, json, yaml } satisfies Record<string, Format>;

export const suggest: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  const path = given.text('model-config');
  const gpus = gpusPerNode(given);
  const gpuMemory = gpuMemoryOf(given);
  if (path === null || gpus === null || gpuMemory === null) throw new UsageError(missing(given));
  const report = suggested({
    model: await factsOf(path, streams.stdin),
    file: path,
    node: { gpus, gpuMemory },
    name: given.text('name'),
    storageUri: given.text('storage-uri'),
    version: statedVersion(given),
  });
  if (report.shapes.length === 0 && outputs.every(({ format }) => format === 'yaml')) {
    throw new Refusal(`${path}: no shape fits`);
  }
  await writeOutputs(
    outputs.map(({ format, path: to }) => ({ path: to, text: FORMATS[format](report) })),
    streams,
  );
  const warnings = new Set(report.shapes.flatMap((shape) => warningsFor(shape, report)));
  for (const warning of warnings) streams.stderr.write(`${warning}\n`);
  return report.shapes.length === 0 ? 1 : 0;
};

const NEEDED = { 'model-config': 'FILE', 'gpus-per-node': 'NUMBER', 'gpu-memory': 'SIZE' };

/** Names all missing options at once. */
function missing(given: Arguments): string {
  const absent = Object.entries(NEEDED).filter(([option]) => given.text(option) === null);
  return `needed: ${absent.map(([option, example]) => `--${option} ${example}`).join(', ')}`;
}

function gpusPerNode(given: Arguments): number | null {
  const stated = given.text('gpus-per-node');
  return stated === null ? null : gpusIn(stated);
}
