/**
 * Sends requests at a given rate, however long the answers take (an open loop): a client that waits for each answer would
 * send fewer requests to a slow server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from '../hostile/wire.ts';

interface Answers {
  /** Milliseconds of each answer with HTTP 200, from its bytes to the answer. */
  readonly times: readonly number[];
  /** 429 with Retry-After: 1. */
  readonly shed: number;
  /** Anything else, and connections that ended. */
  readonly failed: number;
  /** What all connections together could not send, because each still waited for its answer. */
  readonly unsent: number;
}

const TICK = 5;

/** @param connections that are kept; each has one request under way */
export async function pace(
  port: number,
  request: (index: number) => Buffer,
  {
    rate,
    seconds,
    connections,
  }: { readonly rate: number; readonly seconds: number; readonly connections: number },
): Promise<Answers> {
  const free = await Promise.all(Array.from({ length: connections }, () => Wire.connect(port)));
  const all = [...free];
  const times: number[] = [];
  const counts = { shed: 0, failed: 0, unsent: 0 };
  const under: Promise<void>[] = [];
  const askOver = async (wire: Wire, index: number): Promise<void> => {
    const began = performance.now();
    wire.send(request(index));
    const reply = await wire.next();
    if (reply?.code === 200) times.push(performance.now() - began);
    else if (reply?.code === 429 && reply.headers['retry-after'] === '1') counts.shed++;
    else counts.failed++;
    if (!wire.closed) free.push(wire);
  };
  const began = performance.now();
  let due = 0;
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1_000) {
    for (; due < elapsed * rate; due++) {
      const wire = free.shift();
      if (wire === undefined) counts.unsent++;
      else under.push(askOver(wire, due));
    }
    await sleep(TICK);
  }
  await Promise.all(under);
  for (const wire of all) wire.destroy();
  return { times, ...counts };
}

/** @returns answers a second while so many ask as fast as they are answered */
export async function capacity(
  port: number,
  request: (index: number) => Buffer,
  seconds: number,
): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  let answered = 0;
  const drive = async (lane: number): Promise<void> => {
    const wire = await Wire.connect(port);
    for (let index = lane; performance.now() < end; index += 16) {
      wire.send(request(index));
      if ((await wire.next())?.code === 200) answered++;
    }
    wire.destroy();
  };
  await Promise.all(Array.from({ length: 16 }, (_, lane) => drive(lane)));
  return answered / seconds;
}
