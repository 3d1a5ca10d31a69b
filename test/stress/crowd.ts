/**
 * A thousand clients that send a byte now and then, in a process of their own, so that their own cost is not counted as a
 * delay of other clients. Prints "open" when all are connected, and then when each was closed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from '../hostile/wire.ts';

const SLOW = 1_000;
/** Handshakes at a time, so that the clients' own are not what takes long. */
const BATCH = 50;
const HEADERS = 'POST /validate HTTP/1.1\r\nx:';
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

const port = Number(process.argv[2]);
const wires: Wire[] = [];
while (wires.length < SLOW) {
  wires.push(...(await Promise.all(Array.from({ length: BATCH }, () => Wire.connect(port)))));
}
// All at once, so that all are open at the same time.
const headers = Promise.all(wires.slice(0, SLOW / 2).map((wire) => slow(wire, HEADERS)));
const body = Promise.all(wires.slice(SLOW / 2).map((wire) => slow(wire, BODY)));
process.send?.('open');
process.send?.({ headers: await headers, body: await body });
process.disconnect();
