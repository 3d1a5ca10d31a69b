/**
 * What the life of one service is told with: the hands that write it, all of them the real kubectl, and what KServe
 * then deploys for it. Each hand waits until KServe has worked off what it stored.
 */
import type { Loose } from '../rules/cases.ts';
import type { Outcome } from './cluster/cluster.ts';
import type { KServe } from './cluster/kserve.ts';
import { service, type World } from './world.ts';

/** Pods of one role, such as `3 x 8 nvidia.com/gpu`; null without a Deployment. */
export interface Pods {
  readonly head: string | null;
  readonly worker: string | null;
}

export interface Generations {
  readonly service: number;
  readonly head: number | null;
  readonly worker: number | null;
}

export class Life {
  readonly name: string;
  readonly #world: World;
  readonly #kserve: KServe;
  readonly #namespace: string;

  constructor(world: World, kserve: KServe, name: string, namespace = 'team') {
    this.#world = world;
    this.#kserve = kserve;
    this.name = name;
    this.#namespace = namespace;
  }

  /** Runs kubectl, whatever comes of it. */
  async kubectl(args: readonly string[], manifest?: Loose): Promise<Outcome> {
    const before = await this.stored();
    return this.#kserve.after(
      async () => this.#world.kubectl(['--namespace', this.#namespace, ...args], manifest),
      async () => version(await this.stored()) !== version(before),
    );
  }

  /** @returns the warnings that the API server answered with */
  async must(args: readonly string[], manifest?: Loose): Promise<readonly string[]> {
    const { code, err } = await this.kubectl(args, manifest);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${err}`);
    return err.split('\n').filter((line) => line.startsWith('Warning: '));
  }

  async create(manifest: Loose): Promise<readonly string[]> {
    return this.must(['create', '-f', '-'], manifest);
  }

  async apply(manifest: Loose): Promise<readonly string[]> {
    return this.must(['apply', '-f', '-'], manifest);
  }

  async applyServerSide(manifest: Loose): Promise<readonly string[]> {
    return this.must(['apply', '--server-side', '-f', '-'], manifest);
  }

  async replace(manifest: Loose): Promise<readonly string[]> {
    return this.must(['replace', '-f', '-'], manifest);
  }

  /** A merge patch, or a JSON patch where it is a list. */
  async patch(patch: Loose): Promise<readonly string[]> {
    const type = Array.isArray(patch) ? 'json' : 'merge';
    return this.must(['patch', 'isvc', this.name, `--type=${type}`, '-p', JSON.stringify(patch)]);
  }

  /** @param annotation as kubectl takes it: `key=value`, or `key-` to remove it */
  async annotate(annotation: string): Promise<readonly string[]> {
    return this.must(['annotate', 'isvc', this.name, annotation, '--overwrite']);
  }

  async stored(): Promise<Loose> {
    return this.#world.get(this.name, this.#namespace);
  }

  /** What KServe has deployed. */
  async pods(): Promise<Pods> {
    const { head, worker } = await this.deployments();
    return { head: podsOf(head), worker: podsOf(worker) };
  }

  async generations(): Promise<Generations> {
    const { head, worker } = await this.deployments();
    return {
      service: (await this.stored())?.metadata.generation,
      head: head?.metadata.generation ?? null,
      worker: worker?.metadata.generation ?? null,
    };
  }

  async deployments(): Promise<{ readonly head: Loose; readonly worker: Loose }> {
    const get = async (name: string): Promise<Loose> => {
      const path = `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${name}`;
      const { status, body } = await this.#world.cluster.call('GET', path);
      return status === 404 ? null : body;
    };
    return {
      head: await get(`${this.name}-predictor`),
      worker: await get(`${this.name}-predictor-worker`),
    };
  }

  /** Removes the service, and what a cluster's garbage collector would remove after it. */
  async end(): Promise<void> {
    const { cluster } = this.#world;
    await cluster.call('DELETE', service(this.#namespace, this.name));
    for (let left = true; left; left = (await this.stored()) !== null) await this.#kserve.rest();
    const deployments = `/apis/apps/v1/namespaces/${this.#namespace}/deployments`;
    for (const role of ['predictor', 'predictor-worker']) {
      await cluster.call('DELETE', `${deployments}/${this.name}-${role}`);
    }
  }
}

/** What a fresh create of this manifest deploys: under the same name, in a namespace of its own. */
export async function freshPods(world: World, kserve: KServe, manifest: Loose): Promise<Pods> {
  const life = new Life(world, kserve, manifest.metadata.name, 'fresh');
  await life.create({ ...manifest, metadata: { ...manifest.metadata, namespace: 'fresh' } });
  const pods = await life.pods();
  await life.end();
  return pods;
}

function version(stored: Loose): string | undefined {
  return stored?.metadata.resourceVersion;
}

/** The GPUs are those of the container that serves, the first one. */
function podsOf(deployment: Loose): string | null {
  if (deployment === null) return null;
  const { replicas, template } = deployment.spec;
  if (replicas === 0) return 'none';
  const requests: Record<string, string> = template.spec.containers[0].resources?.requests ?? {};
  const gpus = Object.entries(requests).filter(([name]) => GPU.test(name));
  return `${replicas} x ${gpus.map(([name, count]) => `${count} ${name}`).join(' + ') || 'no GPU'}`;
}

const GPU = /^(?:nvidia|amd|intel)\.com\/gpu$/;
