/** Reads services from the cluster, for commands whose input is otherwise files. */
import { ApiError } from '../../cluster/answer.ts';
import { asList, asString, at, property } from '../../lib/json.ts';
import type { Arguments } from './args.ts';
import { Refusal } from './refusal.ts';
import { apiOf } from './session.ts';

/** More than this nobody picks from at a tab. */
const PAGE = 500;

/**
 * @returns the services as they are stored
 * @throws Refusal for one that can't be read
 */
export async function readLive(names: readonly string[], given: Arguments): Promise<readonly unknown[]> {
  const api = await apiOf(given);
  const namespace = given.text('namespace') ?? api.namespace;
  const path = servicesOf(namespace);
  try {
    const services: unknown[] = [];
    for (const name of names) services.push(await api.get(`${path}/${name}`));
    return services;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new Refusal(`cannot read ${names.join(', ')} in namespace ${namespace}: ${error.message}`);
  } finally {
    api.close();
  }
}

/**
 * @returns the names of the namespace's services, of the first page where there are more
 * @throws Refusal where they can't be read
 */
export async function liveNames(given: Arguments): Promise<readonly string[]> {
  const api = await apiOf(given);
  const namespace = given.text('namespace') ?? api.namespace;
  try {
    const list = await api.get(`${servicesOf(namespace)}?limit=${PAGE}`);
    return asList(property(list, 'items')).flatMap((item) => asString(at(item, 'metadata', 'name')) ?? []);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new Refusal(`cannot list the services in namespace ${namespace}: ${error.message}`);
  } finally {
    api.close();
  }
}

function servicesOf(namespace: string): string {
  return `/apis/serving.kserve.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/inferenceservices`;
}
