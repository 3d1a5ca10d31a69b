/**
 * Walks through the life of a service on live KServe. What the author means by then is not guessed: each write is
 * made twice, by the same kubectl, once on the service and once on its twin. The twin is of a kind with KServe's
 * schema, under a group that neither headcount nor KServe looks at, so that the API server itself keeps in it which
 * hand last said what. What a fresh create of the twin would deploy is what the service must have deployed.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { Loose } from '../rules/cases.ts';
import { differing, hasOnlyEmptyMapsAgain, neutral } from '../support/walks/difference.ts';
import { changed } from '../support/walks/fields.ts';
import {
  firstManifest,
  inWords,
  runtimeSaying,
  type Edit,
  type RuntimeSays,
  type Walk,
} from '../support/walks/walk.ts';
import { fileOf, isJudgedAnew, isUnknowable, meaning, type Files } from '../support/walks/writes.ts';
import type { Outcome } from './cluster/cluster.ts';
import { kserveRuntime, type KServe } from './cluster/kserve.ts';
import { again, beginning, writeOf, type Write } from './hands.ts';
import { Life } from './life.ts';
import type { Tally } from './tally.ts';
import { asKServe, asTwin, twinOf, TWINS } from './twin.ts';
import { withoutHeadcount, type World } from './world.ts';

const HOLDS_FILE = /^(?:apply|replace|another)/;

/** What a fresh create of the author's meaning gives. */
interface Fresh {
  readonly spec: Loose;
  readonly deployed: { readonly head: Loose; readonly worker: Loose };
}

/**
 * The API server refuses the Deployment of a head that requests GPUs without limits, and the one before it stays.
 * headcount adds the limits, but only for a service with workers: others it does not judge.
 */
function isNeverDeployed(meant: Loose, { deployed }: Fresh): boolean {
  return meant.spec.predictor.workerSpec === undefined && deployed.head === null;
}

export class Walker {
  readonly #world: World;
  readonly #kserve: KServe;
  readonly #tally: Tally;
  readonly #name: string;
  readonly #life: Life;
  readonly #done: string[] = [];
  /** The files that the hands hold: of apply and replace, of server-side apply, of the other manager. */
  #files: Files;
  #fresh: Fresh | null = null;
  #meant: Loose = null;
  /** The service has been left half-way through a write that is refused: nothing can be said about it. */
  #isOver = false;
  /** This write is made while the API server does not ask headcount. */
  #away = false;
  /** The runtime has changed, or the service was written without headcount, since the service was last judged: it may not be as a fresh create yet. */
  #stale = false;

  constructor(world: World, kserve: KServe, walk: Walk, name: string, tally: Tally) {
    this.#world = world;
    this.#kserve = kserve;
    this.#tally = tally;
    this.#name = name;
    this.#life = new Life(world, kserve, name);
    const first = firstManifest(walk, name);
    const { apiVersion, kind, metadata } = first;
    this.#files = { client: first, server: first, other: { apiVersion, kind, metadata } };
  }

  /** @throws with all steps so far, where what is deployed is not what the author means */
  async walk(walk: Walk): Promise<void> {
    const { runtime, steps } = walk;
    await this.#writeRuntime(runtime);
    try {
      this.#done.push(`${walk.beginning}: ${JSON.stringify(this.#files.client.spec.predictor)}`);
      if (!(await this.#write(beginning(walk, this.#files.client)))) return;
      for (const step of steps) {
        this.#done.push(inWords(step));
        if (step.hand === 'runtime') await this.#changeRuntime(step.says);
        else await this.#change(step);
        if (this.#isOver) return;
      }
      await this.#applyAndDiff();
    } finally {
      await this.#end();
    }
  }

  async #change(edit: Edit): Promise<void> {
    this.#away = edit.away;
    const lived = await this.#life.stored();
    const twin = await twinOf(this.#world, this.#name);
    if (isUnknowable(edit, this.#files, lived, twin)) {
      this.#tally['can not be known']++;
      return;
    }
    const which = fileOf(edit.hand);
    const file = changed(this.#files[which], edit.change);
    const write = writeOf(edit, file, twin, this.#name);
    if (write === null) this.#tally['nothing to say']++;
    else if ((await this.#write(write)) && HOLDS_FILE.test(edit.hand)) this.#files[which] = file;
  }

  /**
   * Makes one write on the service and on its twin, and compares what came of it.
   * @returns whether it was stored
   */
  async #write({ args, object }: Write): Promise<boolean> {
    const twinBefore = await twinOf(this.#world, this.#name);
    const forTwin = object && asTwin(object(twinBefore));
    const tried = await this.#kubectl([...args(TWINS), '--dry-run=server', '-o', 'json'], forTwin);
    if (tried.code !== 0) {
      // What the API server refuses without headcount is not about headcount.
      this.#tally[/conflict/i.test(tried.err) ? 'conflict' : 'nothing to say']++;
      return false;
    }
    const meant = meaning(JSON.parse(tried.out));
    const fresh = await this.#freshOf(meant);
    if (fresh === null) {
      this.#tally.denied++;
      return false;
    }
    const before = await this.#life.stored();
    const forLived = object && asKServe(object(before));
    const write = (...more: readonly string[]): Promise<Outcome> =>
      this.#life.kubectl([...args('isvc'), ...more], forLived);
    let { code, err } = this.#away ? await withoutHeadcount(this.#world, write) : await write();
    if (code !== 0 && isConflictOverOurs(err)) {
      this.#tally['conflict over ours']++;
      ({ code, err } = await write('--force-conflicts'));
    }
    const twin = await this.#kubectl(args(TWINS), forTwin);
    if (twin.code !== 0) throw new Error(`the twin was refused: ${twin.err}`);
    // kubectl makes several requests of a server-side apply, and a dry run shows the first one alone.
    const whole = meaning(await twinOf(this.#world, this.#name));
    const wholeFresh = isDeepStrictEqual(whole, meant) ? fresh : await this.#freshOf(whole);
    if (wholeFresh === null) {
      this.#isOver = true;
      return false;
    }
    // Without headcount nobody writes the annotations that KServe's webhook asks for, as on a cluster that has none.
    if (code !== 0 && this.#away) {
      this.#isOver = true;
      return false;
    }
    if (code !== 0) this.#fail(`refused, but a fresh create is not: ${err}`);
    if (this.#away) {
      this.#tally['headcount away']++;
      this.#stale = true;
      return true;
    }
    const isJudged = isJudgedAnew(whole, twinBefore && meaning(twinBefore));
    if (isJudged || !this.#stale) await this.#compare(before, await this.#life.stored(), whole, wholeFresh);
    else this.#tally['not judged']++;
    return true;
  }

  async #compare(before: Loose, lived: Loose, meant: Loose, fresh: Fresh): Promise<void> {
    const deployed = await this.#deployed(this.#life, meant);
    const differences = isNeverDeployed(meant, fresh) ? [] : differing(deployed, fresh.deployed);
    if (differences.length > 0) this.#fail(`not as a fresh create:\n    ${differences.join('\n    ')}`);
    const isSame = this.#fresh !== null && !this.#stale && isDeepStrictEqual(fresh.spec, this.#fresh.spec);
    const [from, to] = [before?.metadata.generation, lived.metadata.generation];
    if (isSame && from !== to && !hasOnlyEmptyMapsAgain(before, lived)) {
      this.#fail(
        `generation ${from} became ${to}, but a fresh create is the same:\n    ${differing(
          neutral(lived.spec),
          neutral(before.spec),
        ).join('\n    ')}`,
      );
    }
    this.#tally.compared++;
    [this.#fresh, this.#meant, this.#stale] = [fresh, meant, false];
  }

  /** @returns what a fresh create of this deploys; null where headcount or KServe refuses it */
  async #freshOf(meant: Loose): Promise<Fresh | null> {
    if (this.#fresh !== null && !this.#stale && isDeepStrictEqual(meant, this.#meant)) return this.#fresh;
    const life = new Life(this.#world, this.#kserve, this.#name, 'fresh');
    const { code } = await life.kubectl(['create', '-f', '-'], {
      ...meant,
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      metadata: { ...meant.metadata, name: this.#name, namespace: 'fresh' },
    });
    if (code !== 0) return null;
    const { spec } = await life.stored();
    const deployed = await this.#deployed(life, meant);
    await life.end();
    return { spec: neutral(spec), deployed };
  }

  /** Deployments without what differs by nature; KServe 0.19 leaves the workers of a service that has none any more. */
  async #deployed(life: Life, meant: Loose): Promise<Fresh['deployed']> {
    const { head, worker } = await life.deployments();
    const hasWorkers = meant.spec.predictor.workerSpec !== undefined;
    return { head: neutral(head?.spec ?? null), worker: hasWorkers ? neutral(worker?.spec ?? null) : null };
  }

  async #changeRuntime(says: RuntimeSays): Promise<void> {
    const before = await this.#life.stored();
    if (!(await this.#writeRuntime(says))) return;
    await this.#kserve.rest();
    const after = await this.#life.stored();
    if (after.metadata.generation !== before.metadata.generation)
      this.#fail("the generation moved with a runtime's change");
    this.#stale = true;
    this.#tally.runtime++;
  }

  async #writeRuntime(says: RuntimeSays): Promise<boolean> {
    const object = runtimeSaying(parse(kserveRuntime()), this.#name, says);
    return (await this.#kubectl(['apply', '-f', '-'], object)).code === 0;
  }

  /** After an apply, diff has nothing to show. */
  async #applyAndDiff(): Promise<void> {
    const file = this.#files.client;
    this.#done.push('apply: the same file again');
    this.#away = false;
    if (!(await this.#write(again(file)))) return;
    const { code, out, err } = await this.#kubectl(['diff', '-f', '-'], file);
    if (code !== 0) this.#fail(`kubectl diff is not empty:\n${out}${err}`);
  }

  async #end(): Promise<void> {
    await this.#life.end();
    await this.#kubectl(['delete', `${TWINS}/${this.#name}`, '--ignore-not-found']);
    await this.#kubectl(['delete', 'clusterservingruntime', this.#name, '--ignore-not-found']);
  }

  async #kubectl(args: readonly string[], object?: Loose): Promise<Outcome> {
    return this.#world.kubectl(['--namespace', 'team', ...args], object);
  }

  #fail(what: string): never {
    throw new Error(`after\n  ${this.#done.join('\n  ')}\n${what}`);
  }
}

/** The API server lets nobody take over a field that another manager holds; what we wrote is held by its writer. */
function isConflictOverOurs(err: string): boolean {
  return /Apply failed with \d+ conflict/.test(err);
}
