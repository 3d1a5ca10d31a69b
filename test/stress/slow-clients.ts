/** A thousand clients that send a byte now and then: when each is closed, and what others notice of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from '../hostile/wire.ts';
import type { Server } from '../server.ts';
import { percentile, type Figure } from '../targets.ts';
import { pace } from './pace.ts';
import { ordinary } from './requests.ts';

const SLOW = 1_000;
const NORMAL = { rate: 200, connections: 4 };
/** Handshakes at a time, so that the client's own are not what takes long. */
const BATCH = 50;
const BODY =
  'POST /validate HTTP/1.1\r\nhost: headcount\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{';

/** @returns milliseconds until the server closes it */
async function slow(wire: Wire, start: string): Promise<number> {
  const began = performance.now();
  wire.send(start);
  // A thousand clients don't send in the same millisecond.
  await Promise.race([sleep(Math.random() * 1_000), wire.ended()]);
  const trickle = setInterval(() => wire.closed || wire.send(' '), 1_000);
  await wire.ended();
  clearInterval(trickle);
  return performance.now() - began;
}

/** Connects the thousand. @returns when they are closed, in milliseconds, once all are */
async function crowd(
  port: number,
): Promise<{ readonly closed: Promise<{ headers: number[]; body: number[] }> }> {
  const wires: Wire[] = [];
  while (wires.length < SLOW) {
    wires.push(...(await Promise.all(Array.from({ length: BATCH }, () => Wire.connect(port)))));
  }
  // All at once, so that all are open at the same time.
  const headers = wires.slice(0, SLOW / 2).map((wire) => slow(wire, 'POST /validate HTTP/1.1\r\nx:'));
  const body = wires.slice(SLOW / 2).map((wire) => slow(wire, BODY));
  const closed = Promise.all([Promise.all(headers), Promise.all(body)]).then(([h, b]) => ({
    headers: h,
    body: b,
  }));
  return { closed };
}

export async function slowClients(server: Server, seconds: number): Promise<readonly Figure[]> {
  const { port } = server;
  // Rounds in turn, so that what the machine does besides hits both alike.
  const alone: number[] = [];
  const beside: number[] = [];
  const ends = { headers: [0], body: [0] };
  const rounds = Math.max(2, Math.round(seconds / 12));
  await pace(port, ordinary, { ...NORMAL, seconds: 1 });
  for (let round = 0; round < rounds; round++) {
    const window = { ...NORMAL, seconds: 2.5 };
    alone.push(...(await pace(port, ordinary, window)).times);
    const { closed } = await crowd(port);
    beside.push(...(await pace(port, ordinary, window)).times);
    const { headers, body } = await closed;
    ends.headers.push(...headers);
    ends.body.push(...body);
    await sleep(500);
  }
  const before = percentile(alone, 0.99);
  const during = percentile(beside, 0.99);
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
    { what: 'slow clients: p99 of others, alone', value: before, unit: 'ms' },
    { what: 'slow clients: p99 of others, beside 1,000', value: during, unit: 'ms' },
    { what: 'slow clients: p99 beside them over p99 alone', value: during / before, most: 2 },
  ];
}
