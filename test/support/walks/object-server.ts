/**
 * One object as an API server keeps it for kubectl's verbs: field ownership, admission, generation. What its admission
 * does is a parameter: nothing, for the author's twin, or KServe's defaulter and headcount.
 */
import { applyPatch, type Operation } from 'rfc6902';
import { LAST_APPLIED } from '../../../src/kserve/annotations.ts';
import { equalJson } from '../../../src/lib/json.ts';
import { clientSideApply } from '../helpers.ts';
import type { Loose } from '../../rules/cases.ts';
import { afterUpdate, serverSideApply, type Manager } from './ownership.ts';

/** @returns the object as it is to be stored, or why it is refused */
export type Admission = (
  object: Loose,
  old: Loose,
) => Promise<{ readonly object: Loose } | { readonly refused: string }>;

/** `null` when the write was stored or changed nothing. */
export type Refusal = { readonly kind: 'denied' | 'conflict' | 'invalid'; readonly message: string } | null;

const update = (name: string): Manager => ({ name, operation: 'Update' });

export class ObjectServer {
  stored: Loose = null;
  admission: Admission;
  /** What was stored by one verb after the other: kubectl makes several requests of some. */
  readonly versions: Loose[] = [];
  #clock = 0;

  constructor(admission: Admission) {
    this.admission = admission;
  }

  /** A copy, to try something on. */
  fork(): ObjectServer {
    const copy = new ObjectServer(this.admission);
    copy.stored = this.stored;
    copy.#clock = this.#clock;
    return copy;
  }

  async create(manifest: Loose): Promise<Refusal> {
    return this.#update(manifest, 'kubectl-create');
  }

  async apply(manifest: Loose): Promise<Refusal> {
    const { metadata } = this.stored ?? manifest;
    const live = this.stored && {
      ...this.stored,
      metadata: { ...metadata, annotations: metadata.annotations ?? {} },
    };
    return this.#update(clientSideApply(live, manifest), 'kubectl-client-side-apply');
  }

  /** Where the object carries last-applied, as one that was read from the server does, kubectl writes it anew. */
  async replace(object: Loose): Promise<Refusal> {
    const { [LAST_APPLIED]: earlier, ...annotations } = object.metadata.annotations ?? {};
    if (earlier === undefined) return this.#update(object, 'kubectl-replace');
    const { status: _status, ...manifest } = object;
    const text = JSON.stringify({ ...manifest, metadata: { ...object.metadata, annotations } });
    const saved = { ...annotations, [LAST_APPLIED]: text };
    return this.#update(
      { ...object, metadata: { ...object.metadata, annotations: saved } },
      'kubectl-replace',
    );
  }

  async mergePatch(patch: Loose): Promise<Refusal> {
    return this.#update(merged(this.stored, patch), 'kubectl-patch');
  }

  async jsonPatch(operations: readonly Operation[]): Promise<Refusal> {
    const copy = JSON.parse(JSON.stringify(this.stored));
    const problem = applyPatch(copy, JSON.parse(JSON.stringify(operations)) as Operation[]).find(
      (found) => found !== null,
    );
    if (problem !== undefined) return { kind: 'invalid', message: String(problem) };
    return this.#update(copy, 'kubectl-patch');
  }

  /** As kubectl does it: what its client-side apply has owned becomes its own, and last-applied is kept up. */
  async applyServerSide(manifest: Loose, name: string, force: boolean): Promise<Refusal> {
    const refusal = await this.#applyServerSide(manifest, { name, operation: 'Apply' }, force);
    if (refusal !== null || name !== 'kubectl') return refusal;
    if (this.stored.metadata.annotations?.[LAST_APPLIED] !== undefined) {
      const { apiVersion, kind, metadata } = manifest;
      const annotations = { [LAST_APPLIED]: JSON.stringify(manifest) };
      const saved = { apiVersion, kind, metadata: { name: metadata.name, annotations } };
      await this.#applyServerSide(saved, { name: 'kubectl-last-applied', operation: 'Apply' }, true);
    }
    if (!this.#migrate()) return null;
    return this.#applyServerSide(manifest, { name, operation: 'Apply' }, force);
  }

  async #applyServerSide(manifest: Loose, manager: Manager, force: boolean): Promise<Refusal> {
    const applied = serverSideApply(this.stored, manifest, manager, { force, time: this.#time() });
    if ('conflict' in applied) return { kind: 'conflict', message: applied.conflict };
    if ('nulled' in applied) return { kind: 'invalid', message: `${applied.nulled}: null` };
    return this.#write(applied.object);
  }

  async #update(object: Loose, manager: string): Promise<Refusal> {
    const managedFields = afterUpdate(this.stored, object, update(manager), this.#time());
    return this.#write({ ...object, metadata: { ...object.metadata, managedFields } });
  }

  /** Admission, generation, storage. A write that changes nothing is not stored. */
  async #write(object: Loose): Promise<Refusal> {
    const old = this.stored;
    if (old !== null && equalJson(object, old)) return null;
    const incoming = structuredClone(object);
    incoming.metadata.generation = old?.metadata.generation ?? 1;
    const admitted = await this.admission(incoming, old);
    if ('refused' in admitted) return { kind: 'denied', message: admitted.refused };
    const isSame = old === null || equalJson(admitted.object.spec, old.spec);
    const generation = incoming.metadata.generation + (isSame ? 0 : 1);
    this.stored = { ...admitted.object, metadata: { ...admitted.object.metadata, generation } };
    this.versions.push(this.stored);
    return null;
  }

  /** kubectl hands what `apply` owned over to `apply --server-side`, by a patch of managedFields alone. */
  #migrate(): boolean {
    const fields: readonly Loose[] = this.stored.metadata.managedFields;
    const old = fields.find(({ manager }) => manager === 'kubectl-client-side-apply');
    if (old === undefined) return false;
    const managedFields = fields
      .filter((entry) => entry !== old)
      .map((entry) =>
        entry.manager === 'kubectl' ? { ...entry, fieldsV1: union(entry.fieldsV1, old.fieldsV1) } : entry,
      );
    this.stored = { ...this.stored, metadata: { ...this.stored.metadata, managedFields } };
    return true;
  }

  #time(): string {
    return new Date(Date.UTC(2026, 0) + ++this.#clock * 1_000).toISOString();
  }
}

function merged(object: Loose, patch: Loose): Loose {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result = typeof object === 'object' && !Array.isArray(object) ? { ...object } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** Without `.`: those who apply own values, not maps. */
function union(one: Loose, other: Loose): Loose {
  const all: Loose = {};
  for (const [key, value] of [...Object.entries(one), ...Object.entries(other)]) {
    const isMapAlone = Object.keys(value as object).join() === '.';
    if (key !== '.' && !isMapAlone) all[key] = union(all[key] ?? {}, value);
  }
  return all;
}
