/** Five times the server's rate: how many are served in time, how many get 429, and how soon all is normal again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/server.ts';
import { percentile, type Figure } from '../support/targets.ts';
import { capacity, pace } from './pace.ts';
import { costly, ordinary } from './requests.ts';

const TIMES = 5;
const CONNECTIONS = 900;
/** What counts as normal again, over the p99 before. */
const NORMAL = 2;
const GIVE_UP = 30_000;

export async function overload(server: Server, seconds: number): Promise<readonly Figure[]> {
  const { port } = server;
  const probe = async (): Promise<number> => {
    const { times } = await pace(port, ordinary, { rate: 50, seconds: 0.5, connections: 1 });
    return percentile(times, 0.5);
  };
  await capacity(port, costly, 2);
  const most = await capacity(port, costly, 3);
  const before = await probe();
  await server.longestStall();
  const { times, shed, failed, unsent } = await pace(port, costly, {
    rate: TIMES * most,
    seconds,
    connections: CONNECTIONS,
  });
  const lag = (await server.metric('nodejs_eventloop_lag_p99_seconds')) * 1_000;
  const ended = performance.now();
  while ((await probe()) > before * NORMAL && performance.now() - ended < GIVE_UP) await sleep(50);
  const normal = (performance.now() - ended) / 1_000;
  const asked = times.length + shed + failed;
  return [
    { what: 'overload: capacity', value: most, unit: '/s' },
    { what: 'overload: asked', value: asked / seconds, unit: '/s' },
    { what: 'overload: asked over capacity', value: asked / seconds / most, least: TIMES * 0.9 },
    { what: 'overload: not sent for want of a free connection', value: unsent },
    { what: 'overload: served', value: times.length / seconds, unit: '/s' },
    { what: 'overload: shed with Retry-After: 1', value: (100 * shed) / asked, unit: '%' },
    { what: 'overload: answered otherwise', value: failed, most: 0 },
    { what: 'overload: p99 of those served', value: percentile(times, 0.99), unit: 'ms' },
    { what: 'overload: longest wait of those served', value: percentile(times, 1), unit: 'ms', most: 1_000 },
    { what: 'overload: p99 of the lag of the event loop', value: lag, unit: 'ms', most: 100 },
    { what: 'overload: normal again after', value: normal, unit: 's', most: 5 },
    { what: 'overload: restarts', value: server.running ? 0 : 1, most: 0 },
  ];
}
