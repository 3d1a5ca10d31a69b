/**
 * headcount as a cluster runs it: the real process with its own service account's rights, asked by the real
 * API server through the webhook configurations that users get. Only the address differs: a URL on loopback
 * stands for the Service, since there is no network of pods.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { shipped } from '../../../packaging/shipped.ts';
import { issueForLocalhost } from '../../../src/certs/localhost.ts';
import { RULES } from '../../../src/registration/registration.ts';
import { freePort } from '../../support/port.ts';
import { ended, type Endpoint, type TestCluster } from './cluster.ts';
import type { Container } from '../../support/container.ts';
import type { Loose } from '../../rules/cases.ts';
import { crds } from './crds.ts';
import { PROGRAM } from '../../support/program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SHIPPED = shipped();
/** What the tests do themselves: there is nobody to run pods, and the webhooks are asked for at another address. */
const ELSEWHERE = /^(?:Deployment|Service|PodDisruptionBudget|.*WebhookConfiguration)$/;

/** The plain manifests that users get. */
function manifests(): readonly Loose[] {
  const text = readFileSync(join(ROOT, 'deploy/headcount.yaml'), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** Installs what must be there before headcount: KServe's kinds, namespaces, our rights. */
export async function installPrerequisites(
  cluster: TestCluster,
  namespaces: readonly string[] = ['team'],
  kinds: string = crds(),
): Promise<void> {
  await cluster.must(['create', '-f', '-'], kinds);
  for (const kind of ['inferenceservices', 'servingruntimes', 'clusterservingruntimes']) {
    while ((await cluster.kubectl(['get', `${kind}.serving.kserve.io`, '-A'])).code !== 0) await sleep(100);
  }
  for (const name of ['kserve', ...namespaces]) await cluster.must(['create', 'namespace', name]);
  const needed = manifests().filter(({ kind }) => !ELSEWHERE.test(kind));
  await cluster.must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: needed }));
}

export interface HeadcountOptions {
  /** The API server as headcount sees it: a proxy, for tests of the way there. */
  readonly api?: Endpoint;
  /** A HeadcountConfig without its first two lines. */
  readonly config?: object;
  /** Certificates that it issues itself, for `localhost`; otherwise a pair in files. */
  readonly selfManaged?: boolean;
  /** Another program with arguments of its own, given kubeconfig and ports before them. */
  readonly program?: readonly [string, ...string[]];
  /** The memory that it is given, where that matters. */
  readonly around?: Container;
}

export class Headcount {
  readonly url: string;
  readonly opsUrl: string;
  readonly caBundle: string;
  readonly #process: ChildProcess;
  readonly #output: { text: string };

  /** Starts it and waits until it is ready. */
  static async start(cluster: TestCluster, options: HeadcountOptions = {}): Promise<Headcount> {
    const headcount = await Headcount.launch(cluster, options);
    await headcount.ready();
    return headcount;
  }

  /** Starts it without waiting. */
  static async launch(
    cluster: TestCluster,
    { api = cluster.endpoint, config, selfManaged = false, program, around }: HeadcountOptions = {},
  ): Promise<Headcount> {
    const [port, opsPort] = [await freePort(), await freePort()];
    // Not by the port: a port that was freed can be given out again.
    const directory = mkdtempSync(join(cluster.directory, 'headcount-'));
    const caBundle = await writePair(directory);
    const kubeconfig = cluster.kubeconfig('headcount', api, `headcount-${port}`);
    const args = ['serve', '--kubeconfig', kubeconfig, '--host', '127.0.0.1'];
    if (selfManaged) args.push('--namespace', 'headcount-system', '--dns-name', 'localhost');
    else args.push('--cert-dir', directory);
    args.push('--port', String(port), '--ops-port', String(opsPort));
    if (config !== undefined) {
      const file = join(directory, 'config.yaml');
      const whole = { apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig', ...config };
      writeFileSync(file, JSON.stringify(whole));
      args.push('--config', file);
    }
    const child =
      program === undefined
        ? started([...(around?.wrapper ?? []), process.execPath, ...SHIPPED.flags, PROGRAM, ...args])
        : spawn(process.execPath, [
            program[0],
            kubeconfig,
            String(port),
            String(opsPort),
            ...program.slice(1),
          ]);
    return new Headcount(child, port, opsPort, caBundle);
  }

  private constructor(child: ChildProcess, port: number, opsPort: number, caBundle: string) {
    this.#process = child;
    this.#output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output.text += chunk.toString()));
    }
    this.url = `https://127.0.0.1:${port}`;
    this.opsUrl = `http://127.0.0.1:${opsPort}`;
    this.caBundle = caBundle;
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', (code) => {
      process.off('exit', kill);
      if (code !== null && code !== 0)
        console.error(`headcount ended with ${code}: ${this.output.slice(-2_000)}`);
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Everything it has written. */
  get output(): string {
    return this.#output.text;
  }

  /** The log's lines of decisions and the like. */
  get log(): readonly Loose[] {
    return this.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  async ready(seconds = 20): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    let last = '';
    while (Date.now() < end) {
      if (this.#process.exitCode !== null)
        throw new Error(`headcount ended with ${this.#process.exitCode}: ${this.output}`);
      const { code, body } = await this.ops('/readyz').catch((error: Error) => ({
        code: 0,
        body: error.message,
      }));
      if (code === 200) return;
      last = body;
      await sleep(20);
    }
    throw new Error(`headcount was not ready after ${seconds} s: ${last}\n${this.output}`);
  }

  async ops(path: string): Promise<{ readonly code: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      get(`${this.opsUrl}${path}`, (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body }));
      }).on('error', reject);
    });
  }

  /** @returns the value of a metric with these labels, NaN when it is absent */
  async metric(line: string): Promise<number> {
    const { body } = await this.ops('/metrics');
    const found = body.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? Number.NaN);
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await ended(this.#process, signal);
  }
}

/** Registers the webhook configurations of deploy/, asking headcount at its URL, in force whether it answers or not. */
export async function register(
  cluster: TestCluster,
  { url, caBundle }: { readonly url: string; readonly caBundle?: string },
): Promise<void> {
  for (const configuration of manifests().filter(({ kind }) => kind.endsWith('WebhookConfiguration'))) {
    const rules = JSON.parse(configuration.metadata.annotations[RULES]);
    for (const webhook of configuration.webhooks) {
      webhook.rules ??= rules[webhook.name];
      const { path } = webhook.clientConfig.service;
      webhook.clientConfig = { url: `${url}${path}`, ...(caBundle && { caBundle }) };
    }
    await cluster.must(['apply', '-f', '-'], JSON.stringify(configuration));
  }
}

/** Waits until the API server, which learns of new configurations within a second or so, asks headcount. */
export async function registered(cluster: TestCluster): Promise<void> {
  const probe = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: { name: 'registration-probe' },
    spec: { predictor: { workerSpec: { tensorParallelSize: 0 } } },
  };
  const path = '/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices?dryRun=All';
  for (let wait = 0; wait < 200; wait++) {
    const { status, body } = await cluster.call('POST', path, probe);
    if (status === 422 && JSON.stringify(body).includes('parallel-size')) return;
    await sleep(50);
  }
  throw new Error('the API server never asked headcount');
}

function started([command = '', ...args]: readonly string[]): ChildProcess {
  return spawn(command, args, { env: { ...process.env, ...SHIPPED.environment } });
}

async function writePair(directory: string): Promise<string> {
  const { cert, key } = await issueForLocalhost(Date.now());
  writeFileSync(join(directory, 'tls.crt'), cert);
  writeFileSync(join(directory, 'tls.key'), key);
  return Buffer.from(cert).toString('base64');
}
