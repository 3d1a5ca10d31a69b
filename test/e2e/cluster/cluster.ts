/**
 * A real API server for the tests: etcd and kube-apiserver on loopback, RBAC on, every file in one temporary
 * directory. There are no controllers and no nodes. Whatever ends the test run ends the two processes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/port.ts';
import type { Loose } from '../../rules/cases.ts';
import { binaries, type Binaries, type Version } from './binaries.ts';

/** Users of the cluster, by the name of their kubeconfig. */
const USERS = {
  /** May do everything. */
  admin: { name: 'admin', groups: 'system:masters' },
  /** What headcount's pod is to the API server: its rights come from deploy/headcount.yaml alone. */
  headcount: {
    name: 'system:serviceaccount:headcount-system:headcount',
    groups: 'system:serviceaccounts,system:serviceaccounts:headcount-system',
  },
  /** Nobody has given this one any right. */
  nobody: { name: 'nobody', groups: '' },
} as const;
export type User = keyof typeof USERS;

/** Where an API server, or what stands before it, is reached. */
export interface Endpoint {
  readonly server: string;
  readonly caFile: string;
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const READY_SECONDS = 60;

export class TestCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'headcount-e2e-'));
  readonly #binaries: Binaries;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  #etcd: ChildProcess | undefined;
  #apiServer: ChildProcess | undefined;
  #etcdPort = 0;
  port = 0;

  /** @throws when a program can't be built or does not become ready */
  static async start(version?: Version): Promise<TestCluster> {
    const cluster = new TestCluster(binaries(version));
    process.once('exit', () => cluster.#kill());
    try {
      await cluster.#prepare();
      await cluster.#startEtcd();
      await cluster.startApiServer();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  private constructor(programs: Binaries) {
    this.#binaries = programs;
  }

  get endpoint(): Endpoint {
    return { server: this.server, caFile: join(this.directory, 'pki', 'apiserver.crt') };
  }

  get server(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** @returns the path of a user's kubeconfig; `at` may be a proxy */
  kubeconfig(user: User, at: Endpoint = this.endpoint, name: string = user): string {
    const { server, caFile } = at;
    const path = join(this.directory, `${name}.kubeconfig`);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user } }],
      clusters: [
        {
          name: 'test',
          cluster: { server, 'certificate-authority': caFile },
        },
      ],
      users: [{ name: user, user: { token: tokenOf(user) } }],
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  /** Runs the real kubectl; not synchronously, since webhooks of the test's own process may be asked. */
  async kubectl(
    args: readonly string[],
    { stdin = '', user = 'admin' }: { stdin?: string; user?: User } = {},
  ): Promise<Outcome> {
    const child = spawn(this.#binaries.kubectl, ['--kubeconfig', this.kubeconfig(user), ...args], {
      env: { PATH: process.env['PATH'], HOME: this.directory, KUBECTL_EXTERNAL_DIFF: 'diff -u' },
    });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
    // A kubectl that reads no standard input may have ended by now; its exit code tells what it did.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, ...text };
  }

  /** Runs kubectl where it must succeed. */
  async must(args: readonly string[], stdin = ''): Promise<string> {
    const { code, out, err } = await this.kubectl(args, { stdin });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  }

  /** One request to the API server, without a client that would tidy it up. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    { user = 'admin', type = 'application/json' }: { user?: User; type?: string } = {},
  ): Promise<{ readonly status: number; readonly body: Loose; readonly warnings: readonly string[] }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.server}${path}`,
        {
          method,
          agent: this.#agent,
          headers: { authorization: `Bearer ${tokenOf(user)}`, 'content-type': type },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (text += chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const warnings = [...(answer.headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)];
            resolve({
              status: answer.statusCode ?? 0,
              body: text.startsWith('{') ? JSON.parse(text) : text,
              warnings: warnings.map(([, line = '']) => line.replaceAll(/\\(.)/g, '$1')),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async startApiServer(): Promise<void> {
    const file = (name: string): string => join(this.directory, name);
    this.#apiServer = this.#spawn('kube-apiserver', this.#binaries.apiServer, [
      `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${this.port}`,
      `--cert-dir=${file('pki')}`,
      `--service-account-key-file=${file('sa.pub')}`,
      `--service-account-signing-key-file=${file('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
    ]);
    await this.#until('the API server is ready', async () => {
      const { status } = await this.call('GET', '/readyz');
      return status === 200;
    });
  }

  async stopApiServer(): Promise<void> {
    await ended(this.#apiServer);
    this.#apiServer = undefined;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.stopApiServer();
    await ended(this.#etcd);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    this.port = await freePort();
    this.#etcdPort = await freePort();
    mkdirSync(join(this.directory, 'pki'));
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    writeFileSync(join(this.directory, 'sa.pub'), publicKey);
    writeFileSync(join(this.directory, 'sa.key'), privateKey);
    const tokens = Object.entries(USERS).map(
      ([user, { name, groups }]) => `${tokenOf(user)},${name},${user},"${groups}"`,
    );
    writeFileSync(join(this.directory, 'tokens.csv'), `${tokens.join('\n')}\n`);
  }

  async #startEtcd(): Promise<void> {
    const client = `http://127.0.0.1:${this.#etcdPort}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    this.#etcd = this.#spawn('etcd', this.#binaries.etcd, [
      `--data-dir=${join(this.directory, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=error',
    ]);
    await this.#until('etcd is healthy', async () => (await fetch(`${client}/health`)).ok);
  }

  #spawn(name: string, program: string, args: readonly string[]): ChildProcess {
    const log = openSync(join(this.directory, `${name}.log`), 'a');
    return spawn(program, args, { stdio: ['ignore', log, log] });
  }

  async #until(what: string, check: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + READY_SECONDS * 1_000;
    while (Date.now() < end) {
      if (await check().catch(() => false)) return;
      for (const [name, child] of [
        ['etcd', this.#etcd],
        ['kube-apiserver', this.#apiServer],
      ] as const) {
        if (child !== undefined && child.exitCode !== null)
          throw new Error(`${name} ended with ${child.exitCode}: ${this.#lastLines(name)}`);
      }
      await sleep(50);
    }
    throw new Error(`waited ${READY_SECONDS} s in vain until ${what}`);
  }

  #lastLines(name: string): string {
    return readFileSync(join(this.directory, `${name}.log`), 'utf8').slice(-2_000);
  }

  #kill(): void {
    for (const child of [this.#apiServer, this.#etcd]) child?.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Ends a process and waits until it has ended. */
export async function ended(
  child: ChildProcess | undefined,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

function tokenOf(user: string): string {
  return `token-of-${user}`;
}
