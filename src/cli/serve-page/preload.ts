/** The runtimes, claims and the like that the page starts with: those of --catalog, or of a cluster. */
import { ApiError } from '../../cluster/answer.ts';
import type { Api } from '../../cluster/api.ts';
import { partOf } from '../../cluster/catalogue.ts';
import { KSERVE_CONFIG } from '../../cluster/kserve-config.ts';
import { LAST_APPLIED } from '../../kserve/annotations.ts';
import type { KServeVersion } from '../../kserve/installed.ts';
import { asObject, at, property, type JsonObject } from '../../lib/json.ts';
import type { Arguments } from '../shared/args.ts';
import { eachObject } from '../shared/input.ts';
import { Refusal } from '../shared/refusal.ts';
import { apiOf, asksCluster, catalogOf, kserveNamespaceOf } from '../shared/session.ts';

/** The page's data block (src/page/core/preloaded.ts). */
export interface Preloaded {
  /** For people. */
  readonly from: string;
  readonly objects: readonly unknown[];
  readonly version: KServeVersion;
}

/**
 * @returns null where neither is given
 * @throws Refusal for what can't be read
 */
export async function preloadedFor(given: Arguments): Promise<Preloaded | null> {
  const paths = catalogOf(given);
  const asked = asksCluster(given);
  if (paths.length === 0 && !asked) return null;
  const objects: unknown[] = [];
  const [problem] = await eachObject(paths, (object) => {
    if (isAround(object)) objects.push(object);
  });
  if (problem !== undefined) throw problem;
  const cluster = asked ? await ofCluster(given) : { objects: [], version: 'auto' as const };
  return {
    from: [...paths, ...(asked ? ['the cluster'] : [])].join(', '),
    // Of two with the same name the last counts: the files come on top of the cluster.
    objects: [...cluster.objects, ...objects],
    version: cluster.version,
  };
}

function isAround(object: unknown): boolean {
  const part = partOf(object);
  return part !== null && part !== 'service';
}

interface OfCluster {
  readonly objects: readonly unknown[];
  readonly version: KServeVersion;
}

async function ofCluster(given: Arguments): Promise<OfCluster> {
  const api = await apiOf(given);
  const kserveNamespace = kserveNamespaceOf(given);
  const { CLUSTER_SERVING_RUNTIMES, kserveConfigPath, liveInstalled, SERVING_RUNTIMES } =
    await import('../../cluster/live.ts');
  const lists: readonly (readonly [path: string, apiVersion: string, kind: string])[] = [
    [SERVING_RUNTIMES, 'serving.kserve.io/v1alpha1', 'ServingRuntime'],
    [CLUSTER_SERVING_RUNTIMES, 'serving.kserve.io/v1alpha1', 'ClusterServingRuntime'],
    ['/api/v1/persistentvolumeclaims', 'v1', 'PersistentVolumeClaim'],
  ];
  try {
    const objects: unknown[] = [];
    for (const [path, apiVersion, kind] of lists) {
      // The items of a list leave their kind to it.
      for await (const { items } of api.pages(path, { limit: PAGE })) {
        objects.push(...items.map((item) => shown({ apiVersion, kind, ...asObject(item) })));
      }
    }
    const config = await kserveConfig(api, `${kserveConfigPath(kserveNamespace)}/${KSERVE_CONFIG}`);
    const installed = await liveInstalled(api, kserveNamespace);
    return {
      objects: [...objects, ...config],
      version: installed.status === 'known' ? installed.release.name : 'auto',
    };
  } catch (error) {
    if (error instanceof ApiError) throw new Refusal(`can't read the cluster: ${error.message}`);
    throw error;
  } finally {
    api.close();
  }
}

const PAGE = 250;

/** Without what no verdict depends on: both may be longer than the object itself. */
function shown(object: JsonObject): JsonObject {
  const { managedFields: _fields, annotations, ...metadata } = asObject(object['metadata']) ?? {};
  const { [LAST_APPLIED]: _manifest, ...kept } = asObject(annotations) ?? {};
  return { ...object, metadata: { ...metadata, annotations: kept } };
}

/** KServe's defaults count where its ConfigMap can't be read. */
async function kserveConfig(api: Api, path: string): Promise<readonly JsonObject[]> {
  try {
    const object = await api.get(path);
    const metadata = { name: at(object, 'metadata', 'name'), namespace: at(object, 'metadata', 'namespace') };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: property(object, 'data') }];
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}
