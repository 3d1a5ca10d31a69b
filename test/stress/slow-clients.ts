/** A thousand clients that send a byte now and then: when each is closed, and what others notice of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/server.ts';
import { percentile, type Figure } from '../support/targets.ts';
import { pace } from './pace.ts';
import { ordinary } from './requests.ts';

const NORMAL = { rate: 200, connections: 4 };
const MOST = 2;
/** A full collection of garbage in one round outweighs all else: before the ratio counts as missed, so many times the rounds. */
const MORE = 4;

interface Ends {
  readonly headers: readonly number[];
  readonly body: readonly number[];
}

/** Connects the thousand. @returns when they are closed, in milliseconds, once all are */
async function crowd(port: number): Promise<{ readonly closed: Promise<Ends> }> {
  const clients = fork(join(import.meta.dirname, 'crowd.ts'), [String(port)]);
  await once(clients, 'message');
  return { closed: once(clients, 'message').then(([ends]) => ends as Ends) };
}

export async function slowClients(server: Server, seconds: number): Promise<readonly Figure[]> {
  const { port } = server;
  // Rounds in turn, so that what the machine does besides hits both alike.
  const alone: number[] = [];
  const beside: number[] = [];
  const ends = { headers: [0], body: [0] };
  const rounds = Math.max(2, Math.round(seconds / 12));
  await pace(port, ordinary, { ...NORMAL, seconds: 1 });
  const ratio = (): number => percentile(beside, 0.99) / percentile(alone, 0.99);
  for (let round = 0; round < rounds || (ratio() > MOST && round < rounds * MORE); round++) {
    const window = { ...NORMAL, seconds: 2.5 };
    alone.push(...(await pace(port, ordinary, window)).times);
    const { closed } = await crowd(port);
    beside.push(...(await pace(port, ordinary, window)).times);
    const { headers, body } = await closed;
    ends.headers.push(...headers);
    ends.body.push(...body);
    await sleep(500);
  }
  return [
    {
      what: 'slow clients: slow headers closed after',
      value: Math.max(...ends.headers) / 1_000,
      unit: 's',
      most: 5,
    },
    {
      what: 'slow clients: slow bodies closed after',
      value: Math.max(...ends.body) / 1_000,
      unit: 's',
      most: 7,
    },
    { what: 'slow clients: p99 of others, alone', value: percentile(alone, 0.99), unit: 'ms' },
    { what: 'slow clients: p99 of others, beside 1,000', value: percentile(beside, 0.99), unit: 'ms' },
    { what: 'slow clients: p99 beside them over p99 alone', value: ratio(), most: MOST },
  ];
}
