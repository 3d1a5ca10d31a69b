/** Processes under load: started on one core, asked by wrk from the other, their memory and times read. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** The server runs on the first core alone, its clients on the second. */
export const SERVER_CORE = '0';
const CLIENT_CORE = '1';
/** Of processor time in a second; the same on every Linux. */
const TICKS = 100;
/** Requests until Node has compiled the code that runs often; its compiler shares the server's core. */
const WARM_UP = 40_000;
/** Seconds that they may take on a machine that does other work as well. */
const WARM_UP_SECONDS = 20;
const WARM_UP_STEP = 2;

export interface Rate {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time of the server for each request, without other work of the machine. */
  readonly cpu: number;
  /** Answers that were no 2xx, and connections that failed. */
  readonly errors: number;
}

/** What is asked, with the seconds of processor time that it has used. */
export interface Measurable {
  readonly cpu: number;
}

/** A server, and the address that is asked. */
export interface Asked {
  readonly process: Measurable;
  readonly url: string;
}

/** @returns seconds of processor time of all threads of a process */
export function cpuOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Process implements Measurable {
  readonly #child: ChildProcess;
  #output = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    // The log is written but not read: a reader would slow it down.
    this.#child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  /** @returns milliseconds until the check holds */
  async until(check: () => boolean | Promise<boolean>): Promise<number> {
    const start = performance.now();
    while (performance.now() < start + 60_000) {
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
      if (await Promise.resolve(check()).catch(() => false)) return performance.now() - start;
      await sleep(2);
    }
    throw new Error(`it was never ready: ${this.#output}`);
  }

  says(text: string): boolean {
    return this.#output.includes(text);
  }

  /** Resident memory in MB. */
  get resident(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  }

  get cpu(): number {
    return cpuOf(this.#child.pid);
  }

  /** Lets the process end by itself, so that it writes its profile; asks twice, since the first signal lets it drain. */
  async end(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await sleep(200);
    this.#child.kill('SIGTERM');
    await exited;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** @throws when a tool is missing */
export function checkTools(): void {
  for (const tool of ['wrk', 'taskset']) {
    if (spawnSync('which', [tool]).status !== 0) {
      throw new Error(`${tool} is needed (Debian's packages wrk and util-linux)`);
    }
  }
}

/**
 * @param body a review; every request gets a uid of its own, as each real one has
 * @param directory for wrk's script
 */
export async function ask(
  server: Measurable,
  url: string,
  body: string,
  connections: number,
  seconds: number,
  directory: string,
): Promise<Rate> {
  const script = join(directory, 'post.lua');
  const [before, after] = body.split('UID');
  writeFileSync(
    script,
    [
      `local before, after = ${quoted(before)}, ${quoted(after)}`,
      `local prefix, count = "${Date.now().toString(16)}-", 0`,
      'wrk.method = "POST"',
      'wrk.headers["content-type"] = "application/json"',
      'request = function()',
      '  count = count + 1',
      '  return wrk.format(nil, nil, nil, before .. prefix .. count .. after)',
      'end',
    ].join('\n'),
  );
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const used = server.cpu;
  const child = spawn('taskset', ['-c', CLIENT_CORE, 'wrk', ...args]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  const failed = [...text.matchAll(/(?:connect|read|write|timeout|Non-2xx or 3xx responses:)\s+(\d+)/g)];
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    cpu: ((server.cpu - used) * 1e6) / requests,
    p50: milliseconds(/50%\s+(\S+)/.exec(text)?.[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(text)?.[1]),
    errors: failed.reduce((sum, [, count]) => sum + Number(count), 0),
  };
}

/** @returns another address of the same server */
export function at({ process: server, url }: Asked, path: string): Asked {
  return { process: server, url: url + path };
}

export async function warmUp(
  { process: server, url }: Asked,
  body: string,
  directory: string,
): Promise<void> {
  for (let [asked, spent] = [0, 0]; asked < WARM_UP && spent < WARM_UP_SECONDS; spent += WARM_UP_STEP) {
    const { rate } = await ask(server, `${url}?timeout=5s`, body, 8, WARM_UP_STEP, directory);
    asked += rate * WARM_UP_STEP;
  }
}

function quoted(text = ''): string {
  return `[==[${text}]==]`;
}

function milliseconds(text = ''): number {
  const [, number, unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? Number.NaN);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
