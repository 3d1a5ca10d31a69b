/**
 * headcount as it ships, for tests that must not share a process with it: `serve --offline` on loopback, with
 * its output, its own figures and what the kernel says of it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shipped } from '../../packaging/shipped.ts';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { minimalRuntime, type Loose } from '../rules/cases.ts';
import { PROGRAM } from './program.ts';

const ROOT = join(import.meta.dirname, '../..');
const COLLECT = join(ROOT, 'test/hostile/collect.ts');

export interface ServerOptions {
  /** What the catalogue holds besides the claims and runtimes that every service of the tests names; a file each. */
  readonly catalogue?: readonly unknown[];
  /** A HeadcountConfig without its first two lines. */
  readonly config?: object;
  /** Options for Node itself. */
  readonly node?: readonly string[];
  /** A command that runs the server's command, such as `taskset -c 0`. */
  readonly wrapper?: readonly string[];
  readonly arguments?: readonly string[];
  /** The API server to read, as a kubeconfig's text, instead of the catalogue. */
  readonly kubeconfig?: string;
}

export class Server {
  readonly port: number;
  readonly opsPort: number;
  readonly #process: ChildProcess;
  readonly #output: { text: string };
  readonly #directory: string;

  static async start(options: ServerOptions = {}): Promise<Server> {
    const { catalogue = [], config = {}, node = [], wrapper = [], arguments: more = [] } = options;
    const directory = mkdtempSync(join(tmpdir(), 'headcount-'));
    const write = (name: string, content: unknown): string => {
      writeFileSync(join(directory, name), JSON.stringify(content));
      return join(directory, name);
    };
    const items = [BUILTIN_RUNTIME, minimalRuntime(), claim('team', 'models')];
    const files = [{ kind: 'List', apiVersion: 'v1', items }, ...catalogue].map((content, index) =>
      write(`catalog-${index}.json`, content),
    );
    const configFile = write('config.json', {
      apiVersion: 'headcount.dev/v1alpha1',
      kind: 'HeadcountConfig',
      ...config,
    });
    const source =
      options.kubeconfig === undefined
        ? ['--offline', ...files.flatMap((file) => ['--catalog', file])]
        : await live(options.kubeconfig, directory);
    const serve = ['serve', ...source, '--config', configFile];
    const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const { flags, environment } = shipped();
    const [command = '', ...argv] = [
      ...wrapper,
      process.execPath,
      ...flags,
      '--expose-gc',
      '--import',
      COLLECT,
      ...node,
      PROGRAM,
      ...serve,
      ...ports,
      ...more,
    ];
    const child = spawn(command, argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output.text += text));
    }
    process.once('exit', () => child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    const serving = on(child.stderr, 'data');
    while (!output.text.includes('headcount serving')) {
      await Promise.race([serving.next(), exit]);
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server did not start: ${output.text}`);
    }
    await serving.return?.();
    const server = new Server(child, output, directory);
    try {
      while ((await server.ops('/readyz')).code !== 200) await sleep(10);
    } catch (error) {
      // It ends while it makes itself ready.
      await server.stop('SIGKILL');
      throw error;
    }
    return server;
  }

  private constructor(child: ChildProcess, output: { text: string }, directory: string) {
    const [port, opsPort] = [...output.text.matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1]));
    this.port = port ?? 0;
    this.opsPort = opsPort ?? 0;
    this.#process = child;
    this.#output = output;
    this.#directory = directory;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Everything it has written. */
  get output(): string {
    return this.#output.text;
  }

  /** Forgets the output until now: a million decisions are half a gigabyte. */
  forgetOutput(): void {
    this.#output.text = '';
  }

  ops(path: string): Promise<{ readonly code: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: this.opsPort, path, agent: false }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body }));
      }).on('error', reject);
    });
  }

  /** Its metrics by name with labels, as they stand now. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const { body } = await this.ops('/metrics');
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  }

  async metric(name: string): Promise<number> {
    return (await this.metrics()).get(name) ?? Number.NaN;
  }

  /** The longest that its event loop was held up since the metrics were last read, in milliseconds. */
  async longestStall(): Promise<number> {
    // NaN when nothing was measured since.
    return ((await this.metric('nodejs_eventloop_lag_max_seconds')) || 0) * 1_000;
  }

  /** Resident memory in MiB after a garbage collection. */
  async settledMemory(): Promise<number> {
    // Twice: what the first one frees may only be given back by the next.
    for (let round = 0; round < 2; round++) {
      process.kill(this.pid, 'SIGUSR2');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return this.memory();
  }

  /** Resident memory in MiB. */
  async memory(): Promise<number> {
    return (await this.metric('process_resident_memory_bytes')) / 1024 ** 2;
  }

  /** Open file descriptors: sockets, files, pipes. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** @returns its exit code */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.running) {
      const ended = once(this.#process, 'exit');
      this.#process.kill(signal);
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
    return this.#process.exitCode;
  }
}

/** In a cluster it would issue its own certificates. @returns the arguments for an API server */
async function live(kubeconfig: string, directory: string): Promise<readonly string[]> {
  const { cert, key } = await issueForLocalhost(Date.now());
  for (const [name, text] of [
    ['tls.crt', cert],
    ['tls.key', key],
    ['kubeconfig', kubeconfig],
  ] as const) {
    writeFileSync(join(directory, name), text);
  }
  return ['--kubeconfig', join(directory, 'kubeconfig'), '--cert-dir', directory];
}

function claim(namespace: string, name: string): Loose {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name },
    spec: { accessModes: ['ReadWriteMany'] },
    status: { phase: 'Bound' },
  };
}
