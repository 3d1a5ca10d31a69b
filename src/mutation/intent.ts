/**
 * Separates the author's values from our own. The record (record.ts) says what we wrote, where, and what the author had
 * there. The next review first takes our values back, so that every plan is computed from what the author means. The
 * rules and the planner know nothing of this.
 *
 * Believing a forged record only ever removes values that its author could have removed.
 */
import { asObject, asString, at, equalJson, property, type JsonObject } from '../lib/json.ts';
import { readWithinBounds } from '../lib/scan.ts';
import { hasLetGoOfWorkerSpec, isApplied, isAppliedNow, isWorkerSpecOwned } from './ownership.ts';
import { readProvenance, recordOf, type Entry, type Provenance } from './record.ts';
import { restored, withoutWorkerSpec, type Removal } from './removals.ts';
import { placesOf, readSlot, stands, type Places, type Slot } from './slots.ts';
import { APPLIED, LAST_APPLIED } from '../kserve/annotations.ts';

export interface Declared {
  /** The object as its author means it: without our record and without the values that are still ours. */
  readonly object: unknown;
  /** Did someone just server-side-apply a value equal to one that we had derived? Ours was kept. */
  readonly ambiguous: boolean;
}

/**
 * Takes back the values that are still as we wrote them, unless the author has stated the same values since.
 * @param object the object of a review; its annotation is the stored one, or ours from an earlier round of
 *   the same request. Without the annotation every value is the author's.
 * @param old the stored object on an update, else null; the same object to get the author's version of a stored object
 */
export function takeBack(object: unknown, old: unknown): Declared {
  const service = withAuthorsManifest(asObject(object));
  if (service === null || recordOf(service) === undefined)
    return { object: service ?? object, ambiguous: false };
  const provenance = readProvenance(service);
  if (provenance === null) return { object: restored(service, [], []), ambiguous: false };

  const statements = new Statements(service, old, provenance);
  const standing = provenance.entries.filter((entry) => statements.stands(entry));
  const removals: Removal[] = [];
  let ambiguous = false;
  for (const entry of standing) {
    if (statements.isAuthors(entry, standing)) continue;
    ambiguous ||= statements.isAmbiguous(entry);
    removals.push({ ...entry, had: statements.had(entry) });
  }
  const left = restored(service, removals, statements.made(provenance));
  const isGone = isLeftover(left, service, old);
  return { object: isGone ? withoutWorkerSpec(left) : left, ambiguous };
}

/** What the author has said of the values in a record, by whatever client. */
class Statements {
  readonly places: Places;
  readonly #service: JsonObject;
  readonly #old: unknown;
  /** The manifest of this request's `kubectl apply`; empty if the manifest has not changed. */
  readonly #applied: Places;
  /** Has this request changed the manifest? An old manifest does not contain later patches and edits. */
  readonly #isNewManifest: boolean;
  /** Is the record the stored object's? Then this is the first round of the request. */
  readonly #isFirstRound: boolean;
  /** The stored values, if the record describes them; else null. */
  readonly #before: Places | null;
  readonly #isAuthorsList: boolean;

  constructor(service: JsonObject, old: unknown, provenance: Provenance) {
    const text = manifestOf(service);
    this.places = placesOf(service);
    this.#service = service;
    this.#old = old;
    this.#isNewManifest = old === null || manifestOf(old) !== text;
    this.#applied = placesOf(this.#isNewManifest ? readWithinBounds(text) : undefined);
    this.#isFirstRound = old !== null && recordOf(old) === recordOf(service);
    this.#before = this.#isFirstRound ? placesOf(old) : null;
    this.#isAuthorsList = this.#hasAuthorsList(provenance);
  }

  /** Is the value as we wrote it, now and before this request? If only now, somebody has just written it. */
  stands({ slot, wrote }: Entry): boolean {
    return stands(this.places, slot, wrote) && (this.#before === null || stands(this.#before, slot, wrote));
  }

  /**
   * Has the author stated the very value that we wrote?
   * @param standing all entries whose value stands
   */
  isAuthors(entry: Entry, standing: readonly Entry[]): boolean {
    const { slot, wrote, had } = entry;
    if (this.#isNewManifest && readSlot(this.#applied, slot) === wrote) return true;
    if ('role' in slot && slot.role === 'worker') return this.#isAuthorsList;
    // A value that we add has no owner. If it has one, somebody has stated it since.
    if (had === undefined) return isApplied(this.#service, slot);
    // Case 2 adds a pipeline parallel size: a manager that owns both sizes has stated both.
    return slot.at === 'size' && standing.some((other) => this.#isClaimedBeside(slot, other));
  }

  /** @returns the value to restore: from this request's manifest if it states one, else from the record */
  had({ slot, had }: Entry): Entry['had'] {
    const stated = this.#isNewManifest ? readSlot(this.#applied, slot) : undefined;
    return typeof stated === 'string' || typeof stated === 'number' ? stated : had;
  }

  /** Has a manager just applied a field that holds our value? It may be its own value, or ours from earlier. */
  isAmbiguous({ slot, had }: Entry): boolean {
    return had !== undefined && this.#isFirstRound && isAppliedNow(this.#service, this.#old, slot);
  }

  /** @returns the parents that we made and may remove when they are empty, except in a list that the author sent */
  made({ made }: Provenance): Provenance['made'] {
    return this.#isAuthorsList ? made.filter((parent) => !parent.startsWith('worker.')) : made;
  }

  #isClaimedBeside(size: Slot, { slot, had }: Entry): boolean {
    return slot.at === 'size' && had === undefined && isApplied(this.#service, size, slot);
  }

  /**
   * workerSpec.containers is atomic in KServe's CRD, so a client always sends the whole list. If our env is missing,
   * a client has sent the list since. Then all of it is the author's, even values that equal ours.
   */
  #hasAuthorsList({ entries }: Provenance): boolean {
    const ours = entries.filter(({ slot }) => 'role' in slot && slot.role === 'worker');
    const env = ours.filter(({ slot }) => slot.at === 'env');
    if (env.length > 0) return !env.some(({ slot, wrote }) => stands(this.places, slot, wrote));
    if (!this.#isFirstRound) return false;
    const [now, before] = [this.#service, this.#old].map(workerContainers);
    return !equalJson(now, before) && ours.some(({ slot }) => isAppliedNow(this.#service, this.#old, slot));
  }
}

/**
 * The author's part of kubectl's last-applied annotation. A manifest that was read from the cluster and sent back, with
 * `kubectl apply` or `kubectl replace`, contains our values and our record.
 */
function manifestOf(object: unknown): string {
  const text = asString(property(at(object, 'metadata', 'annotations'), LAST_APPLIED)) ?? '';
  if (!text.includes(`"${APPLIED}"`)) return text;
  const manifest = readWithinBounds(text);
  return recordOf(manifest) === undefined ? text : JSON.stringify(takeBack(manifest, null).object);
}

/** kubectl removes fields that are in last-applied but not in the next manifest. Ours must not be among them. */
function withAuthorsManifest(service: JsonObject | null): JsonObject | null {
  const metadata = asObject(property(service, 'metadata'));
  const annotations = asObject(property(metadata, 'annotations'));
  const text = property(annotations, LAST_APPLIED);
  if (service === null || typeof text !== 'string') return service;
  const authors = manifestOf(service);
  if (authors === text) return service;
  return { ...service, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: authors } } };
}

function workerContainers(object: unknown): unknown {
  return at(object, 'spec', 'predictor', 'workerSpec', 'containers');
}

/**
 * Does workerSpec exist only because we had added values to it? Its author has removed it from the manifest and used
 * server-side apply. After an update an empty workerSpec is intended, so it counts.
 */
function isLeftover(stripped: unknown, object: unknown, old: unknown): boolean {
  const workerSpec = asObject(at(stripped, 'spec', 'predictor', 'workerSpec'));
  return (
    workerSpec !== null &&
    Object.keys(workerSpec).length === 0 &&
    !isWorkerSpecOwned(object) &&
    hasLetGoOfWorkerSpec(object, old) &&
    at(readWithinBounds(manifestOf(object)), 'spec', 'predictor', 'workerSpec') === undefined
  );
}

/**
 * Has the server-side apply ownership of a recorded field changed, or has workerSpec lost its last owner? Then the
 * author may have claimed one of our values, or removed workerSpec.
 */
export function ownershipChanged(object: unknown, old: unknown): boolean {
  const provenance = readProvenance(object);
  if (provenance === null) return false;
  return (
    isWorkerSpecOwned(object) !== isWorkerSpecOwned(old) ||
    provenance.entries.some(({ slot }) => isApplied(object, slot) !== isApplied(old, slot))
  );
}
