/**
 * Nodes, Pods and ResourceQuotas of a live cluster: read for a forecast (--fit) and for nothing else, with the caller's
 * own rights. The webhook has no right to them.
 */
import type { Api, Query } from './api.ts';
import { unavailable } from './live.ts';
import { Unavailable } from './cluster.ts';

const LISTS: readonly (readonly [what: string, path: string, query: Query])[] = [
  ['nodes', '/api/v1/nodes', {}],
  ['pods', '/api/v1/pods', { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' }],
  ['resourcequotas', '/api/v1/resourcequotas', {}],
];

/** @throws Unavailable that says what can't be listed */
export async function* liveStock(api: Api): AsyncIterable<unknown> {
  for (const [what, path, query] of LISTS) {
    try {
      for await (const { items } of api.pages(path, query)) yield* items;
    } catch (error) {
      const known = unavailable(error);
      throw known instanceof Unavailable ? new Unavailable(`${what}: ${known.message}`) : known;
    }
  }
}
