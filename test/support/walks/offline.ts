/**
 * A walk without a cluster: the service and its twin are kept by a model of the API server, headcount's pipeline and
 * an imitation of KServe's defaulter are the service's admission. What is compared is what KServe makes its Deployments
 * of: the stored spec, and the annotations that it or headcount reads.
 */
import { isDeepStrictEqual } from 'node:util';
import { admit } from '../../../src/admission/admit.ts';
import type { Decision } from '../../../src/admission/decision.ts';
import { BUILTIN_RUNTIME } from '../../../src/cluster/builtin-runtime.ts';
import { APPLIED } from '../../../src/kserve/annotations.ts';
import { DEFAULTS } from '../../../src/config/config.ts';
import { clusterOf, patched, requestFor } from '../helpers.ts';
import { defaulted } from '../kserve-defaulter.ts';
import type { Loose } from '../../rules/cases.ts';
import { differing, hasOnlyEmptyMapsAgain, neutral, withoutEmptyMaps } from './difference.ts';
import { changed, FIELDS } from './fields.ts';
import { ObjectServer, type Admission, type Refusal } from './object-server.ts';
import {
  firstManifest,
  inWords,
  runtimeSaying,
  type Edit,
  type Hand,
  type RuntimeSays,
  type Walk,
} from './walk.ts';
import {
  fileOf,
  isJudgedAnew,
  isUnknowable,
  judgedPart,
  jsonPatch,
  meaning,
  mergePatch,
  type Files,
} from './writes.ts';

const NAME = 'llama';

/** Which webhook the API server asks first. */
export type Order = 'KServe first' | 'headcount first';

/** @throws with all steps so far, where what is stored is not what a fresh create of the author's meaning gives */
export async function walkOffline(walk: Walk, order: Order): Promise<void> {
  await new OfflineWalker(walk, order).walk(walk);
}

class OfflineWalker {
  readonly #order: Order;
  readonly #twin = new ObjectServer(async (object) => ({ object }));
  readonly #lived: ObjectServer;
  readonly #done: string[] = [];
  #runtime: RuntimeSays;
  #files: Files;
  #fresh: Loose = null;
  #meant: Loose = null;
  #stale = false;

  constructor(walk: Walk, order: Order) {
    this.#order = order;
    this.#runtime = walk.runtime;
    this.#lived = new ObjectServer(this.#admission(true));
    const first = firstManifest(walk, NAME);
    const { apiVersion, kind, metadata } = first;
    this.#files = { client: first, server: first, other: { apiVersion, kind, metadata } };
  }

  async walk({ beginning, steps }: Walk): Promise<void> {
    this.#done.push(`runtime: ${JSON.stringify(this.#runtime)}`);
    this.#done.push(`${beginning}: ${JSON.stringify(this.#files.client.spec.predictor)}`);
    const first = this.#files.client;
    const begin = async (server: ObjectServer): Promise<Refusal> => {
      return beginning === 'apply' ? server.apply(first) : server.applyServerSide(first, 'kubectl', false);
    };
    if (!(await this.#write(begin, false))) return;
    for (const step of steps) {
      this.#done.push(inWords(step));
      if (step.hand === 'runtime') {
        this.#runtime = step.says;
        this.#stale = true;
      } else await this.#change(step);
    }
  }

  async #change(edit: Edit): Promise<void> {
    const { hand, change, away } = edit;
    if (isUnknowable(edit, this.#files, this.#lived.stored, this.#twin.stored)) return;
    const which = fileOf(hand);
    const file = changed(this.#files[which], change);
    const operation = jsonPatch(change, this.#twin.stored);
    const write = async (server: ObjectServer): Promise<Refusal> => {
      const force = hand !== 'apply --server-side';
      const byHand: Readonly<Record<Hand, () => Promise<Refusal>>> = {
        apply: async () => server.apply(file),
        'apply --server-side': async () => server.applyServerSide(file, 'kubectl', force),
        'apply --server-side --force-conflicts': async () => server.applyServerSide(file, 'kubectl', force),
        'another manager': async () => server.applyServerSide(file, 'gitops', force),
        replace: async () => server.replace(file),
        'merge patch': async () => server.mergePatch(mergePatch(FIELDS[change.field].path, change.value)),
        'JSON patch': async () => (operation === null ? null : server.jsonPatch([operation])),
        'read, change, replace': async () => server.replace(changed(server.stored, change)),
      };
      return byHand[hand]();
    };
    const isFile = !['merge patch', 'JSON patch', 'read, change, replace'].includes(hand);
    if ((await this.#write(write, away)) && isFile) this.#files[which] = file;
  }

  /** @returns whether it was stored */
  async #write(write: (server: ObjectServer) => Promise<Refusal>, away: boolean): Promise<boolean> {
    const tried = this.#twin.fork();
    // What the API server refuses without headcount is not about headcount.
    if ((await write(tried)) !== null) return false;
    const meant = meaning(tried.stored);
    const isSame = this.#fresh !== null && !this.#stale && isDeepStrictEqual(meant, this.#meant);
    const fresh = isSame ? this.#fresh : await this.#freshOf(meant);
    if (fresh === null) return false;
    const before = this.#lived.stored;
    this.#lived.admission = this.#admission(!away);
    const refusal = await write(this.#lived);
    if (refusal !== null) {
      // A field that we have made the writer of a replace the owner of: whoever applies must force it.
      if (refusal.kind === 'conflict') return false;
      if (await this.#isRefusedOnTheWay(tried)) return false;
      this.#fail(`refused, but a fresh create is not: ${refusal.message}`);
    }
    const isJudged = isJudgedAnew(meant, meaningOf(this.#twin));
    await write(this.#twin);
    if (away) this.#stale = true;
    else if (isJudged || !this.#stale) this.#compare(before, meant, fresh);
    return true;
  }

  /** kubectl makes several requests of a server-side apply, and what the first one leaves may be refused. */
  async #isRefusedOnTheWay({ versions }: ObjectServer): Promise<boolean> {
    for (const version of versions) if ((await this.#freshOf(meaning(version))) === null) return true;
    return false;
  }

  #compare(before: Loose, meant: Loose, fresh: Loose): void {
    const lived = this.#lived.stored;
    const differences = differing(withoutEmptyMaps(deployable(lived)), withoutEmptyMaps(fresh));
    if (differences.length > 0) this.#fail(`not as a fresh create:\n    ${differences.join('\n    ')}`);
    const generations = [before?.metadata.generation, lived.metadata.generation];
    const isSame =
      this.#fresh !== null &&
      !this.#stale &&
      isDeepStrictEqual(fresh, this.#fresh) &&
      !hasOnlyEmptyMapsAgain(before, lived);
    if (isSame && generations[0] !== generations[1])
      this.#fail(`generation ${generations.join(' became ')}, but a fresh create is the same`);
    const meansTheSame = isDeepStrictEqual(withoutEmptyMaps(meant), withoutEmptyMaps(this.#meant));
    // KServe's defaulter makes resources, too: whose they are is known from the object, not from what its author means.
    const records = [before, lived].map((object) =>
      object?.metadata.annotations[APPLIED]?.replace('"head.resources",', ''),
    );
    if (isSame && meansTheSame && records[0] !== records[1])
      this.#fail(`the record ${records.join(' became ')}`);
    [this.#fresh, this.#meant, this.#stale] = [fresh, meant, false];
  }

  /** @returns what a fresh create of this stores; null where it is refused */
  async #freshOf({ metadata, spec }: Loose): Promise<Loose> {
    const server = new ObjectServer(this.#admission(true));
    const { apiVersion, kind } = this.#files.client;
    const manifest = { apiVersion, kind, metadata: { ...metadata, name: NAME, namespace: 'team' }, spec };
    return (await server.create(manifest)) === null ? deployable(server.stored) : null;
  }

  #admission(headcount: boolean): Admission {
    const withDefaults = (object: Loose): Loose => defaulted(JSON.parse(JSON.stringify(object)));
    return async (object, old) => {
      if (!headcount) return { object: withDefaults(object) };
      const first = this.#order === 'KServe first' ? withDefaults(object) : object;
      const mutated = await this.#mutated(first, old);
      if (mutated.decision.outcome !== 'allow') return { refused: textOf(mutated.decision) };
      let next = mutated.object;
      if (this.#order === 'headcount first') {
        // The API server asks headcount once more after KServe has changed the object.
        const again = await this.#mutated(withDefaults(next), old);
        if (again.decision.outcome !== 'allow') return { refused: textOf(again.decision) };
        next = again.object;
      }
      const decision = await this.#ask('validate', next, old);
      return decision.outcome === 'allow' ? { object: next } : { refused: textOf(decision) };
    };
  }

  async #mutated(
    object: Loose,
    old: Loose,
  ): Promise<{ readonly decision: Decision; readonly object: Loose }> {
    const decision = await this.#ask('mutate', object, old);
    return { decision, object: decision.outcome === 'allow' ? patched(object, decision.patch) : object };
  }

  async #ask(phase: 'mutate' | 'validate', object: Loose, old: Loose): Promise<Decision> {
    return admit(
      phase,
      requestFor(object, old),
      clusterOf([runtimeSaying(BUILTIN_RUNTIME, NAME, this.#runtime)]),
      DEFAULTS,
    );
  }

  #fail(what: string): never {
    throw new Error(`after\n  ${this.#done.join('\n  ')}\n${what}`);
  }
}

/** KServe copies a GPU request into the limits. */
const deployable = (object: Loose): Loose => {
  const part = neutral(judgedPart(object));
  for (const { resources } of part.spec.predictor.workerSpec?.containers ?? []) {
    const gpus = Object.entries(resources?.requests ?? {}).filter(([type]) => type.endsWith('/gpu'));
    if (gpus.length > 0) resources.limits = { ...Object.fromEntries(gpus), ...resources.limits };
  }
  return part;
};
const meaningOf = ({ stored }: ObjectServer): Loose => stored && meaning(stored);
const textOf = (decision: Decision): string => JSON.stringify(decision);
