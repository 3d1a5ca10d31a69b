/**
 * The parallel sizes are whole numbers, and their product has a cap.
 *
 * Reads: workerSpec.tensorParallelSize and pipelineParallelSize of the service and of its runtime.
 * Allowed: absent, or a whole number >= 1, with TP x PP up to gpus.maxTotal of the configuration.
 * Why: KServe plans TP x PP GPUs. Its webhook refuses a size below 1, but a typing error in a large size makes
 * thousands of pending pods.
 * Warned: the guide's case 2, where headcount turned a TP that spans several workers into TP within a worker
 * and PP across them, or left it where it may not; and a TP above the GPUs of a worker with a PP written out or from the
 * runtime, which is kept as said.
 * Source: docs/kserve.md, The guide; docs/kserve.md, What KServe's webhooks check.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import { PARALLELISM } from '../kserve/annotations.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Setting } from '../kserve/setting.ts';
import { effectiveSizes, type Sizes } from '../kserve/plan.ts';
import { splitSizes } from '../mutation/parallelism.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { acrossPods } from './support/across-pods.ts';
import { hasUnreadSize } from './unknown-field.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'parallel-size',
  summary: 'Parallel sizes are whole numbers of at least 1, with a cap on their product',
  checkService(subject) {
    const { service, settings } = subject;
    const { worker } = service;
    if (worker === null) return [];
    const { tensorParallelSize, pipelineParallelSize } = worker;
    const runtime = subject.runtime.status === 'found' ? subject.runtime.runtime : null;
    const inherited = [
      tensorParallelSize.given === undefined ? runtime?.worker?.tensorParallelSize : undefined,
      pipelineParallelSize.given === undefined ? runtime?.worker?.pipelineParallelSize : undefined,
    ].filter((setting) => setting !== undefined);
    const sizes = sizesOf(service, runtime);
    const many = tooMany(sizes, settings.maxTotal, fieldOf(worker, sizes));
    return [
      ...noSize(tensorParallelSize, ''),
      ...noSize(pipelineParallelSize, ''),
      ...inherited.flatMap((setting) =>
        noSize(setting, ofRuntime(runtime)).map((found) => ({ ...found, owner: 'runtime' as const })),
      ),
      ...many,
      ...rewritten(subject, runtime, sizes),
      ...spanning(subject, runtime),
      ...(many.length === 0 ? across(subject, runtime) : []),
    ];
  },
  checkRuntime({ runtime, settings }) {
    const { worker } = runtime;
    if (worker === null) return [];
    const sizes = settled(worker.tensorParallelSize, worker.pipelineParallelSize);
    return [
      ...noSize(worker.tensorParallelSize, ''),
      ...noSize(worker.pipelineParallelSize, ''),
      ...tooMany(sizes, settings.maxTotal, fieldOf(worker, sizes)),
    ];
  },
};

interface Settings {
  readonly tensorParallelSize: Setting;
  readonly pipelineParallelSize: Setting;
}

function ofRuntime(runtime: RuntimeView | null): string {
  return runtime === null ? '' : ` of the ${runtime.kind} ${quote(runtime.name)}`;
}

/** The sizes that KServe takes; without a runtime the service's own over 1. */
function sizesOf(service: ServiceView, runtime: RuntimeView | null): Sizes | null {
  if (runtime !== null) return effectiveSizes(service, runtime);
  const { worker } = service;
  return worker === null ? null : settled(worker.tensorParallelSize, worker.pipelineParallelSize);
}

function settled(tensor: Setting, pipeline: Setting): Sizes | null {
  return isSize(tensor) && isSize(pipeline)
    ? { tensorParallelSize: tensor.value ?? 1, pipelineParallelSize: pipeline.value ?? 1 }
    : null;
}

function isSize({ given, value }: Setting): boolean {
  return given === undefined || (value !== null && value >= 1);
}

function noSize(setting: Setting, where: string): readonly Report[] {
  if (isSize(setting)) return [];
  const name = setting.field.slice(setting.field.lastIndexOf('.') + 1);
  const given = quote(setting.given);
  return [
    {
      severity: 'deny',
      field: setting.field,
      message: `${name}${where} is ${given}, not a whole number of at least 1`,
      fix: `write a whole number, as in ${name}: ${meant(setting.given)}`,
      short: `${name}${where} is ${given}: write a whole number of at least 1`,
    },
  ];
}

/** What a quoted number or a fraction stands for; else the least size. */
function meant(given: unknown): number {
  const number =
    typeof given === 'number' || typeof given === 'string' ? Math.floor(Number(given)) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 1 ? number : 1;
}

/** @returns the field of the larger size, which is more likely to be a typing error */
function fieldOf(worker: Settings, sizes: Sizes | null): string {
  const pipeline = sizes !== null && sizes.pipelineParallelSize > sizes.tensorParallelSize;
  return (pipeline ? worker.pipelineParallelSize : worker.tensorParallelSize).field;
}

function tooMany(sizes: Sizes | null, cap: number, field: string): readonly Report[] {
  if (sizes === null) return [];
  const { tensorParallelSize: tensor, pipelineParallelSize: pipeline } = sizes;
  const total = BigInt(tensor) * BigInt(pipeline);
  if (total <= BigInt(cap)) return [];
  return [
    {
      severity: 'deny',
      field,
      message: `tensorParallelSize ${tensor} x pipelineParallelSize ${pipeline} = ${total} GPUs, above the cap of ${cap}`,
      fix: 'lower one of the sizes, or have gpus.maxTotal raised in the configuration of headcount',
      short: `TP ${tensor} x PP ${pipeline} = ${total} GPUs, above the cap of ${cap}: lower one of the sizes`,
    },
  ];
}

/** Only case 2 lowers TP and raises PP from 1 with the same product. */
function rewritten(
  subject: ServiceSubject,
  runtime: RuntimeView | null,
  stored: Sizes | null,
): readonly Report[] {
  const declared = sizesOf(subject.declared, runtime);
  const worker = subject.service.worker;
  if (declared === null || stored === null || worker === null) return [];
  const { tensorParallelSize: was } = declared;
  const { tensorParallelSize: tensor, pipelineParallelSize: pipeline } = stored;
  if (tensor >= was || declared.pipelineParallelSize !== 1 || tensor * pipeline !== was) return [];
  return [
    {
      severity: 'warn',
      field: worker.tensorParallelSize.field,
      message:
        `TP ${was} is stored as TP ${tensor} x PP ${pipeline}: a worker has ${tensor} GPUs, ` +
        'and tensor parallelism across nodes needs a fast fabric',
      fix:
        `write tensorParallelSize: ${tensor} and pipelineParallelSize: ${pipeline}, ` +
        `or keep TP ${was} with the annotation ${PARALLELISM}: keep`,
      short:
        `TP ${was} is stored as TP ${tensor} x PP ${pipeline}, as cross-node TP needs a fast fabric; ` +
        `keep it with annotation ${PARALLELISM}: keep`,
    },
  ];
}

/** The guide's case 2 that is stored as the author wrote it, by the mode or the configuration. */
function spanning(
  { service, declared, plan }: ServiceSubject,
  runtime: RuntimeView | null,
): readonly Report[] {
  if (plan === null || plan.worker.replicas === 0 || runtime === null || service.worker === null) return [];
  const split = splitSizes(declared, runtime, plan);
  if (split === null) return [];
  const { tensorParallelSize: tensor, pipelineParallelSize: pipeline } = split;
  const each = tensor === 1 ? '1 GPU' : `${tensor} GPUs`;
  const spans = `TP ${plan.tensorParallelSize} spans ${plan.nodes} pods, since a worker has ${each}`;
  return [
    {
      severity: 'warn',
      field: service.worker.tensorParallelSize.field,
      message: `${spans}; tensor parallelism across nodes needs a fast fabric`,
      fix: `write tensorParallelSize: ${tensor} and pipelineParallelSize: ${pipeline}, or the annotation ${PARALLELISM}: keep`,
      short: `${spans}: write TP ${tensor} x PP ${pipeline}, or the annotation ${PARALLELISM}: keep`,
    },
  ];
}

/** Of sizes and counts that nobody reads, unknown-field speaks. */
function across(subject: ServiceSubject, runtime: RuntimeView | null): readonly Report[] {
  const found = acrossPods(subject, runtime);
  return found.length > 0 && hasUnreadSize(subject.declared) ? [] : found;
}
