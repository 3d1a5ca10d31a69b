/** What nearly every end-to-end test starts from: a cluster with KServe's kinds, headcount, and a runtime. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Loose } from '../rules/cases.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { TestCluster, type Outcome } from './cluster/cluster.ts';
import {
  Headcount,
  installPrerequisites,
  register,
  registered,
  type HeadcountOptions,
} from './cluster/headcount.ts';
import { VERSIONS, type Version } from './cluster/binaries.ts';
import { crds } from './cluster/crds.ts';
import { KServe, kserveCrds, kserveRuntime, type KServeOptions } from './cluster/kserve.ts';

const ROOT = join(import.meta.dirname, '../..');
const SERVICES = '/apis/serving.kserve.io/v1beta1';
const RUNTIMES = '/apis/serving.kserve.io/v1alpha1';

/** The Kubernetes version that this run is about. */
export function version(): Version {
  const asked = process.env['HEADCOUNT_E2E_KUBERNETES'] ?? VERSIONS[0];
  const found = VERSIONS.find((candidate) => candidate === asked);
  if (found === undefined)
    throw new Error(`HEADCOUNT_E2E_KUBERNETES=${asked}: one of ${VERSIONS.join(', ')}`);
  return found;
}

/** A manifest of the demonstration. */
export function manifest(name: string): Loose {
  return parse(readFileSync(join(ROOT, `demo/manifests/${name}.yaml`), 'utf8'));
}

export interface WorldOptions extends HeadcountOptions {
  readonly namespaces?: readonly string[];
}

export class World {
  readonly cluster: TestCluster;
  headcount: Headcount;

  static async start(options: WorldOptions = {}): Promise<World> {
    return World.#start(options, crds(), JSON.stringify(BUILTIN_RUNTIME));
  }

  /** A world where KServe's own manager deploys what is stored. */
  static async startWithKServe(
    options: WorldOptions & KServeOptions = {},
  ): Promise<{ readonly world: World; readonly kserve: KServe }> {
    const world = await World.#start(options, kserveCrds(), kserveRuntime());
    try {
      return { world, kserve: await KServe.start(world.cluster, options) };
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  static async #start(options: WorldOptions, kinds: string, runtime: string): Promise<World> {
    const cluster = await TestCluster.start(version());
    try {
      await installPrerequisites(cluster, options.namespaces, kinds);
      await cluster.must(['apply', '-f', '-'], runtime);
      const headcount = await Headcount.start(cluster, options);
      await register(cluster, headcount);
      await registered(cluster);
      return new World(cluster, headcount);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private constructor(cluster: TestCluster, headcount: Headcount) {
    this.cluster = cluster;
    this.headcount = headcount;
  }

  async stop(): Promise<void> {
    await this.headcount.stop();
    await this.cluster.stop();
  }

  /** kubectl with a manifest on standard input. */
  async kubectl(args: readonly string[], object?: Loose): Promise<Outcome> {
    return this.cluster.kubectl(args, { stdin: object === undefined ? '' : JSON.stringify(object) });
  }

  async must(args: readonly string[], object?: Loose): Promise<string> {
    return this.cluster.must(args, object === undefined ? '' : JSON.stringify(object));
  }

  async get(name: string, namespace = 'team'): Promise<Loose> {
    const { status, body } = await this.cluster.call('GET', service(namespace, name));
    return status === 404 ? null : body;
  }

  /** Creates a service without kubectl. */
  async create(
    object: Loose,
    query = '',
  ): Promise<{ status: number; body: Loose; warnings: readonly string[] }> {
    return this.cluster.call('POST', `${service(object.metadata.namespace)}${query}`, object);
  }

  async createRuntime(object: Loose): Promise<{ status: number; body: Loose; warnings: readonly string[] }> {
    const path =
      object.kind === 'ServingRuntime'
        ? `${RUNTIMES}/namespaces/${object.metadata.namespace}/servingruntimes`
        : `${RUNTIMES}/clusterservingruntimes`;
    return this.cluster.call('POST', path, object);
  }

  async createClaim(namespace: string, name: string, mode: string): Promise<void> {
    const { status, body } = await this.cluster.call(
      'POST',
      `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
      claim(namespace, name, mode),
    );
    if (status !== 201) throw new Error(`claim ${name}: ${status} ${JSON.stringify(body)}`);
  }

  async remove(name: string, namespace = 'team'): Promise<void> {
    await this.cluster.call('DELETE', service(namespace, name));
  }
}

export function service(namespace: string, name?: string): string {
  return `${SERVICES}/namespaces/${namespace}/inferenceservices${name === undefined ? '' : `/${name}`}`;
}

export function claim(namespace: string, name: string, mode: string): Loose {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: [mode], resources: { requests: { storage: '1Gi' } } },
  };
}

/** What a storage provisioner does, of which there is none: until then a claim is pending, which is warned of. */
export async function bind(cluster: TestCluster, namespace: string, name: string): Promise<void> {
  const { status, body } = await cluster.call(
    'PATCH',
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`,
    { status: { phase: 'Bound', accessModes: ['ReadWriteMany'] } },
    { type: 'application/merge-patch+json' },
  );
  if (status !== 200) throw new Error(`claim ${name}: ${status} ${JSON.stringify(body)}`);
}

/**
 * Does something while the API server does not ask headcount, as before it was installed.
 * @param kinds which of its configurations are taken away
 */
export async function withoutHeadcount<T>(
  world: World,
  action: () => Promise<T>,
  kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations',
): Promise<T> {
  const probe = multiNode('without-probe');
  const isMutated = async (): Promise<boolean> => {
    const { body } = await world.create(probe, '?dryRun=All');
    return body.metadata?.annotations?.['headcount.dev/applied'] !== undefined;
  };
  await world.must(['delete', kinds, 'multinode.headcount.dev']);
  try {
    while (await isMutated()) await sleep(50);
    return await action();
  } finally {
    await register(world.cluster, world.headcount);
    while (!(await isMutated())) await sleep(50);
  }
}

/** A multi-node service on the default runtime: head and worker with 8 GPUs each. */
export function multiNode(name: string, change: (service: Loose) => void = () => {}): Loose {
  const object: Loose = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name,
      namespace: 'team',
      annotations: {
        'serving.kserve.io/autoscalerClass': 'none',
        'serving.kserve.io/deploymentMode': 'Standard',
      },
    },
    spec: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          runtime: 'kserve-huggingfaceserver-multinode',
          storageUri: 'pvc://models/llama',
        },
        workerSpec: {
          tensorParallelSize: 8,
          pipelineParallelSize: 2,
          containers: [{ name: 'worker-container', resources: gpus(8) }],
        },
      },
    },
  };
  change(object);
  return object;
}

/** Requests and limits. */
export function gpus(count: number | string, type = 'nvidia.com/gpu'): Loose {
  return { requests: { [type]: String(count) }, limits: { [type]: String(count) } };
}
