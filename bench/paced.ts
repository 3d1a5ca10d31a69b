/** Sends requests at a steady rate, however long the answers take, and measures how long callers wait. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at the requests that are due: a timer of Node can't fire more often. */
const STEP = 1;

/**
 * @param rate requests a second, over eight kept connections
 * @returns milliseconds that each waited, counted from when it was due
 */
export async function waitsAt(
  url: string,
  body: string,
  rate: number,
  seconds: number,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
  const waits: number[] = [];
  const answers: Promise<void>[] = [];
  const started = performance.now();
  for (let sent = 0; sent < rate * seconds; await sleep(STEP)) {
    for (const now = performance.now(); sent < rate * seconds; sent++) {
      const due = started + (sent * 1_000) / rate;
      if (due > now) break;
      answers.push(waitFor(ask(url, body.replace('UID', `paced-${started}-${sent}`), agent), due, waits));
    }
  }
  await Promise.all(answers);
  agent.destroy();
  return waits;
}

async function waitFor(answer: Promise<void>, due: number, waits: number[]): Promise<void> {
  await answer;
  waits.push(performance.now() - due);
}

async function ask(url: string, body: string, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const outgoing = request(url, { method: 'POST', agent, headers }).end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`);
  await once(answer.resume(), 'end');
}
