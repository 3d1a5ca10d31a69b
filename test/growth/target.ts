/** The process under test, and what the kernel says of it: time on a processor, time waiting for one, memory. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf } from '../hostile/reviews.ts';
import { post, Wire, type Reply } from '../hostile/wire.ts';
import { minimalService, type Loose } from '../rules/cases.ts';
import { Server, type ServerOptions } from '../support/server.ts';

/** Milliseconds of processor time after which a review is given up: by then it is far over every limit. */
const PATIENCE = 4_000;
/** Reviews until Node has compiled what runs often. */
const WARM_UP = { small: 400, large: 30 };

export interface Answered {
  /** Null where there was none. */
  readonly reply: Reply | null;
  /** Milliseconds from the last byte sent, without the time that either process waited for a processor. */
  readonly ms: number;
}

export class Target {
  readonly server: Server;
  #wire: Wire | null = null;

  static async start(options: ServerOptions): Promise<Target> {
    const target = new Target(await Server.start(options));
    const large = minimalService();
    large.spec.predictor.model.env = Array.from({ length: 3_000 }, (_, index) => ({
      name: `X${index}`,
      value: 'x',
    }));
    for (let index = 0; index < WARM_UP.small; index++) await target.askSmall();
    for (let index = 0; index < WARM_UP.large; index++) await target.ask('mutate', bodyOf(large));
    return target;
  }

  private constructor(server: Server) {
    this.server = server;
  }

  get alive(): boolean {
    return this.server.running;
  }

  /** Milliseconds of processor time that all its threads have had. */
  get spent(): number {
    return readThreads(this.server.pid);
  }

  /** The most memory that it has held since `forgetPeak`, in MiB. */
  get peak(): number {
    const status = readFileSync(`/proc/${this.server.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  }

  forgetPeak(): void {
    this.server.forgetOutput();
    writeFileSync(`/proc/${this.server.pid}/clear_refs`, '5');
  }

  /** Gives up, and ends the process, when the answer costs far too much. */
  async ask(phase: string, body: string | Buffer): Promise<Answered> {
    const bytes = post(`/${phase}?timeout=5s`, body);
    try {
      if (this.#wire === null || this.#wire.closed) this.#wire = await Wire.connect(this.server.port);
    } catch {
      await this.stop();
      return { reply: null, ms: Number.NaN };
    }
    const watch = this.#watch();
    const timed = this.stopwatch();
    this.#wire.send(bytes);
    const reply = await this.#wire.next();
    const ms = timed();
    clearInterval(watch);
    // One that runs out of heap takes its time to end; what closes a connection without an answer is not asked again.
    if (reply === null) await this.stop();
    return { reply, ms };
  }

  askSmall(): Promise<Answered> {
    return this.ask('validate', bodyOf(minimalService(), { uid: randomUUID() }));
  }

  /** @returns milliseconds of one look at /healthz; null when there is no answer */
  async health(): Promise<number | null> {
    const timed = this.stopwatch();
    return this.server.ops('/healthz').then(
      ({ code }) => (code === 200 ? timed() : null),
      () => null,
    );
  }

  /** @returns the milliseconds since, but for those that the server or this process waited for a processor */
  stopwatch(): () => number {
    const pids = [this.server.pid, process.pid];
    const began = performance.now();
    const before = pids.map(waited);
    return () => {
      const elapsed = performance.now() - began;
      const lost = pids.map((pid, index) => waited(pid) - (before[index] ?? 0));
      return Math.max(0, elapsed - lost.reduce((sum, ms) => sum + ms, 0));
    };
  }

  async metric(name: string): Promise<number> {
    return this.server.metric(name);
  }

  async stop(): Promise<void> {
    this.#wire?.destroy();
    await this.server.stop('SIGKILL');
  }

  #watch(): NodeJS.Timeout {
    const limit = this.spent + PATIENCE;
    return setInterval(() => {
      if (this.server.running && this.spent > limit) void this.stop();
    }, 250);
  }
}

const NANOSECONDS = 1e6;

function readThreads(pid: number): number {
  let total = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    }
  } catch {
    // It has ended: what it had until then is not told any more.
  }
  return total / NANOSECONDS;
}

/** Milliseconds that the main thread was ready to run while others had the processor. */
function waited(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / NANOSECONDS;
  } catch {
    return 0;
  }
}

/** Waits until the check holds. @returns false when it does not in time */
export async function until(check: () => Promise<boolean>, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!(await check())) {
    if (performance.now() > end) return false;
    await sleep(10);
  }
  return true;
}

/** @returns what is wrong with an answer; null when it is HTTP 200 with the uid */
export function problemOf({ reply }: Answered, uid: string): string | null {
  if (reply === null) return 'no answer';
  if (reply.code !== 200) return `HTTP ${reply.code}`;
  const review: Loose = JSON.parse(reply.body);
  return review.response?.uid === uid ? null : 'an answer without the uid';
}
