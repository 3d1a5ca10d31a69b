/** What --fit places pods on: the cluster's nodes, pods and quotas, or those of the input and --catalog. */
import type { Api } from '../../cluster/api.ts';
import { Unavailable } from '../../cluster/cluster.ts';
import { Stock } from '../../fit/stock.ts';
import type { Arguments } from './args.ts';
import { eachObject } from './input.ts';
import type { Item } from './items.ts';
import { Refusal } from './refusal.ts';
import { apiOf, asksCluster } from './session.ts';

/**
 * @param items of the input: they count as if they were applied, those of --catalog too
 * @throws Refusal where there are no nodes, or a list can't be read
 */
export async function stockFor(given: Arguments, items: readonly Pick<Item, 'object'>[]): Promise<Stock> {
  const stock = new Stock();
  if (asksCluster(given)) {
    const api = await apiOf(given);
    try {
      await addLive(stock, api);
    } finally {
      api.close();
    }
  }
  await eachObject(given.all('catalog'), (object) => stock.add(object));
  for (const { object } of items) stock.add(object);
  if (stock.nodes.length > 0) return stock;
  throw new Refusal(
    asksCluster(given)
      ? '--fit finds no nodes in the cluster'
      : '--fit finds no nodes: ask the cluster with --cluster, or give what kubectl get nodes,pods,resourcequotas -A -o json writes',
  );
}

/** @throws Refusal that names the rights */
export async function addLive(stock: Stock, api: Api): Promise<void> {
  const { liveStock } = await import('../../cluster/live-stock.ts');
  try {
    for await (const object of liveStock(api)) stock.add(object);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new Refusal(
      `can't list ${error.message}; --fit takes the right to list nodes, pods and resourcequotas in all namespaces`,
    );
  }
}
