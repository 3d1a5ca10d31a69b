/**
 * What headcount writes into a service: annotations, sizes, GPU requests, Ray wiring, and the record of it
 * all (product.md, section 4). It starts from the object as its author means it, never from its own earlier
 * output, and writes through slots.ts only, so that whatever is written can be taken back.
 */
import { Draft } from '../edit.ts';
import { encodeProvenance, type Entry } from '../isvc/provenance.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import {
  appendEnv,
  readSlot,
  writeResource,
  writeSlot,
  type Parent,
  type Role,
  type Slot,
  type SlotValue,
} from '../isvc/slots.ts';
import type { ContainerView, ResourceEntry } from '../isvc/container.ts';
import { annotation, APPLIED, AUTOSCALER_CLASS, DEPLOYMENT_MODE, type ServiceView } from '../isvc/view.ts';
import { DEFAULT_GPU_TYPE, gpuTypes, mergeContainers, type KServeFacts } from './gpus.ts';
import { effectiveSizes, planService, serviceWorkerContainer, type Plan, type Sizes } from './plan.ts';
import { splitSizes } from './parallelism.ts';
import { headWiring, workerWiring, type WiringInput } from './wiring.ts';

export interface MutationOptions {
  /** full: all of it; fill: only what is absent, no list of the author's is appended to; off: nothing. */
  readonly mode: 'full' | 'fill' | 'off';
  /** Write autoscalerClass and deploymentMode where they are absent. */
  readonly defaultAnnotations: boolean;
  /** Apply the guide's case 2. */
  readonly normalizeParallelism: boolean;
}

/** metadata.generation is part of HEAD_SVC, and whether it grows depends on what is written. */
export interface Generations {
  /** What the object has while its spec does not change; 1 on create. */
  readonly current: number;
  /** Does this object's spec differ from the stored one, so that the API server counts up? */
  readonly changes: (object: unknown) => boolean;
}

/**
 * @param service the service as its author means it (provenance.ts takeBack)
 * @param reread reads a changed object of the same request
 * @returns the object with our values in it; the declared one itself where nothing is to be written, as where
 *   no plan can be made
 */
export function applyPlan(
  service: ServiceView,
  reread: (object: unknown) => ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  options: MutationOptions,
  generations: Generations,
): unknown {
  const declared = service.raw;
  const sizes = effectiveSizes(service, runtime);
  if (options.mode === 'off' || sizes === null) return declared;
  const writer = new Writer(declared);
  let seen: { changes: number; view: ServiceView; plan: Plan | null } | null = null;
  const look = (): NonNullable<typeof seen> => {
    const { changes } = writer;
    if (seen?.changes === changes) return seen;
    const view = changes === 0 ? service : reread(writer.object);
    return (seen = { changes, view, plan: planService(view, runtime, kserve) });
  };

  writeGivenGpus(writer, service, runtime, kserve);
  const { view, plan: planAsGiven } = look();
  const split =
    planAsGiven !== null && options.mode === 'full' && options.normalizeParallelism
      ? splitSizes(view, runtime, planAsGiven)
      : null;
  writeSizes(writer, service, split ?? sizes, sizes);
  const { view: planned, plan } = look();
  if (plan === null) return declared;
  writeMissingGpus(writer, planned, runtime, kserve, plan);
  writeAnnotations(writer, service, options);

  // The GPUs that were missing do not change KServe's result, but they may change what it writes into the
  // template of a worker that is not started: hence the plan of the object as it is now.
  const final = look().plan ?? plan;
  const input: WiringInput = {
    name: service.name,
    generation: generations.current,
    nodes: final.nodes,
    headGpus: final.head.gpus,
    workerGpus: final.workerTemplateGpus,
    storageUri: service.model?.storageUri,
    predictorName: service.predictorName,
  };
  writeWiring(writer, service, { head: headWiring(input), worker: workerWiring(input) }, options);
  if (generations.changes(writer.object)) {
    writer.replace('worker', workerWiring({ ...input, generation: generations.current + 1 }));
  }
  return writer.finish();
}

/** Collects what is written, and what was there before. */
class Writer {
  readonly #draft: Draft;
  readonly #entries: Entry[] = [];
  readonly #made: Parent[] = [];

  constructor(object: unknown) {
    this.#draft = new Draft(object);
  }

  get object(): unknown {
    return this.#draft.value;
  }

  /** How many values have been written: grows with every change of the object. */
  get changes(): number {
    return this.#entries.length;
  }

  /** Writes a slot that has not been written before. */
  write(slot: Slot, value: SlotValue): void {
    const found = readSlot(this.object, slot);
    if (found === value) return;
    const made = writeSlot(this.#draft, slot, value);
    if (made === null) return;
    this.#made.push(...made);
    const had = typeof found === 'string' || typeof found === 'number' ? found : undefined;
    this.#entries.push({ slot, wrote: value, had });
  }

  /** Writes a resource into requests, limits or both, where it stands in neither of them. */
  resource(role: Role, key: string, value: SlotValue, parts: readonly ('requests' | 'limits')[]): void {
    const made = parts.length === 0 ? null : writeResource(this.#draft, role, key, value, parts);
    if (made === null) return;
    this.#made.push(...made);
    for (const at of parts) this.#entries.push({ slot: { at, role, key }, wrote: value, had: undefined });
  }

  /** Appends env that the container does not have. */
  append(role: Role, values: readonly (readonly [string, string])[]): void {
    if (values.length === 0) return;
    const made = appendEnv(this.#draft, role, values);
    if (made === null) return;
    this.#made.push(...made);
    for (const [key, value] of values) {
      this.#entries.push({ slot: { at: 'env', role, key }, wrote: value, had: undefined });
    }
  }

  /** Writes another value for env that was appended. */
  replace(role: Role, values: ReadonlyMap<string, string>): void {
    for (const [index, { slot, wrote }] of this.#entries.entries()) {
      if (slot.at !== 'env' || slot.role !== role) continue;
      const value = values.get(slot.key);
      if (value === undefined || value === wrote) continue;
      writeSlot(this.#draft, slot, value);
      this.#entries[index] = { slot, wrote: value, had: undefined };
    }
  }

  /** @returns the object with the record of what was written. */
  finish(): unknown {
    if (this.#entries.length === 0) return this.object;
    const slot: Slot = { at: 'annotation', key: APPLIED };
    const made = writeSlot(this.#draft, slot, '') ?? [];
    writeSlot(
      this.#draft,
      slot,
      encodeProvenance({ entries: this.#entries, made: [...this.#made, ...made] }),
    );
    return this.object;
  }
}

/** Writes the sizes where they are absent, and where case 2 changed them. */
function writeSizes(writer: Writer, service: ServiceView, target: Sizes, declared: Sizes): void {
  for (const key of ['tensorParallelSize', 'pipelineParallelSize'] as const) {
    const absent = service.worker?.[key].given === undefined;
    if (absent || target[key] !== declared[key]) writer.write({ at: 'size', key }, target[key]);
  }
}

interface RoleContainers {
  readonly role: Role;
  readonly ofService: ContainerView | null;
  readonly ofRuntime: ContainerView | null;
}

function roles(service: ServiceView, runtime: RuntimeView): readonly RoleContainers[] {
  return [
    { role: 'head', ofService: service.model, ofRuntime: runtime.head },
    {
      role: 'worker',
      ofService: serviceWorkerContainer(service),
      ofRuntime: runtime.worker?.container ?? null,
    },
  ];
}

/** @returns the GPU types that a role's merged container asks for, in requests or limits, zeros left out. */
function typesOf({ ofService, ofRuntime }: RoleContainers, known: readonly string[]): readonly string[] {
  const merged = mergeContainers(ofRuntime, ofService);
  return known.filter(
    (type) => (merged.requests.get(type)?.count ?? 0) > 0 || (merged.limits.get(type)?.count ?? 0) > 0,
  );
}

/** Completes what somebody gave: limits from requests and the other way round, and the runtime's counts. */
function writeGivenGpus(
  writer: Writer,
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
): void {
  const { written } = gpuTypes(service, kserve);
  for (const containers of roles(service, runtime)) {
    const { role, ofService, ofRuntime } = containers;
    for (const key of typesOf(containers, written)) {
      const own = ofService?.requests.get(key) ?? ofService?.limits.get(key);
      if (own !== undefined) complete(writer, role, key, ofService, own);
      else {
        const count = (ofRuntime?.requests.get(key) ?? ofRuntime?.limits.get(key))?.count ?? 0;
        if (count > 0) writeCount(writer, role, key, count);
      }
    }
  }
}

/** The author gave one of requests and limits: the other is written just as he spelled it. */
function complete(
  writer: Writer,
  role: Role,
  key: string,
  service: ContainerView | null,
  own: ResourceEntry,
): void {
  const given = own.given;
  if (typeof given !== 'string' && typeof given !== 'number') return;
  const missing = PARTS.filter((part) => service?.[part].get(key) === undefined);
  writer.resource(role, key, given, missing);
}

const PARTS = ['requests', 'limits'] as const;

function writeCount(writer: Writer, role: Role, key: string, count: number): void {
  writer.resource(role, key, String(count), PARTS);
}

/** Writes the counts that nobody gave, in the one GPU type of the service, where KServe's result stays. */
function writeMissingGpus(
  writer: Writer,
  service: ServiceView,
  runtime: RuntimeView,
  kserve: KServeFacts,
  plan: Plan,
): void {
  const { written } = gpuTypes(service, kserve);
  const all = roles(service, runtime);
  const types = all.map((containers) => typesOf(containers, written));
  const [type = DEFAULT_GPU_TYPE, ...others] = [...new Set(types.flat())];
  if (others.length > 0) return;
  for (const [index, { role, ofService }] of all.entries()) {
    const given = types[index]?.length !== 0;
    const zeroed = ofService?.requests.has(type) === true || ofService?.limits.has(type) === true;
    const count = role === 'head' ? plan.head.gpus : missingWorkerGpus(plan);
    if (!given && !zeroed && count > 0) writeCount(writer, role, type, count);
  }
}

/** On Ray a worker count that is written is counted; only where the head has none either it changes nothing. */
function missingWorkerGpus(plan: Plan): number {
  if (plan.nodes === 1) return 0;
  return plan.backend === 'mp' || plan.head.request.count === 0 ? plan.workerTemplateGpus : 0;
}

function writeAnnotations(writer: Writer, service: ServiceView, options: MutationOptions): void {
  const defaults = options.defaultAnnotations
    ? { [AUTOSCALER_CLASS]: 'none', [DEPLOYMENT_MODE]: 'Standard' }
    : {};
  for (const [key, value] of Object.entries(defaults)) {
    if (service.annotations[key] === undefined) writer.write({ at: 'annotation', key }, value);
  }
  if (options.mode === 'full' && annotation(service, DEPLOYMENT_MODE) === 'RawDeployment') {
    writer.write({ at: 'annotation', key: DEPLOYMENT_MODE }, 'Standard');
  }
}

/** Writes the env that KServe's controller would set, so that the stored object shows it; the author's stay. */
function writeWiring(
  writer: Writer,
  service: ServiceView,
  wiring: { readonly head: ReadonlyMap<string, string>; readonly worker: ReadonlyMap<string, string> },
  options: MutationOptions,
): void {
  const containers = { head: service.model, worker: serviceWorkerContainer(service) };
  for (const role of ['head', 'worker'] as const) {
    const env = containers[role]?.env ?? [];
    if (options.mode === 'fill' && env.length > 0) continue;
    const taken = new Set(env.map((entry) => entry.name));
    writer.append(
      role,
      [...wiring[role]].filter(([name]) => !taken.has(name)),
    );
  }
}
