/** Reads services from the cluster by their names, for commands whose input is otherwise files. */
import { ApiError } from '../cluster/kube.ts';
import type { Arguments } from './args.ts';
import { Refusal } from './refusal.ts';
import { apiOf } from './session.ts';

/**
 * @returns the services as they are stored
 * @throws Refusal for one that can't be read
 */
export async function readLive(names: readonly string[], given: Arguments): Promise<readonly unknown[]> {
  const api = await apiOf(given);
  const namespace = given.text('namespace') ?? api.namespace;
  const path = `/apis/serving.kserve.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/inferenceservices`;
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
