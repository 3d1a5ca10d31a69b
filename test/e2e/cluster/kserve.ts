/**
 * KServe as a cluster runs it: its own manager, with its controllers and webhooks, against the test's API server.
 * Only the address differs: a URL on loopback stands for the Service. Nothing of Knative, Istio, the Gateway API or
 * KEDA is installed; KServe leaves out what needs them.
 *
 * No other controller runs here: Deployments get no pods, and what belongs to a deleted service stays.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { issueForLocalhost } from '../../../src/certs/localhost.ts';
import { freePort } from '../../support/port.ts';
import type { Loose } from '../../rules/cases.ts';
import { kserve } from './binaries.ts';
import { ended, type TestCluster } from './cluster.ts';

const READY_SECONDS = 60;
/** KServe is at rest when nothing has been reconciled for this long. */
const REST_MS = 250;

/** @returns KServe's kinds as YAML documents: those of the release that the manager is of */
export function kserveCrds(): string {
  return kserve()
    .crds.map((path) => readFileSync(path, 'utf8'))
    .join('\n---\n');
}

/** @returns KServe's default multi-node runtime, as YAML */
export function kserveRuntime(): string {
  return readFileSync(kserve().runtime, 'utf8');
}

export interface KServeOptions {
  /** The name of its mutating webhook configuration. The API server asks in the order of the names. */
  readonly configurationName?: string;
  /** More environment of the manager. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class KServe {
  readonly #process: ChildProcess;
  readonly #log: string;
  readonly #metrics: string;
  /** Where its webhooks are. */
  readonly url: string;

  /** Starts the manager in a cluster that has its kinds and its namespace, and registers its webhooks. */
  static async start(
    cluster: TestCluster,
    { configurationName = 'inferenceservice.serving.kserve.io', environment = {} }: KServeOptions = {},
  ): Promise<KServe> {
    await cluster.must(['apply', '-f', '-'], JSON.stringify(configuration()));
    const { cert, key } = await issueForLocalhost(Date.now());
    const directory = mkdtempSync(join(cluster.directory, 'kserve-'));
    const certificates = join(directory, 'k8s-webhook-server/serving-certs');
    mkdirSync(certificates, { recursive: true });
    writeFileSync(join(certificates, 'tls.crt'), cert);
    writeFileSync(join(certificates, 'tls.key'), key);
    const [port, metrics, health] = [await freePort(), await freePort(), await freePort()];
    const log = join(directory, 'manager.log');
    const output = openSync(log, 'a');
    const child = spawn(
      kserve().manager,
      [
        `--kubeconfig=${cluster.kubeconfig('admin', cluster.endpoint, 'kserve')}`,
        `--webhook-port=${port}`,
        `--metrics-addr=127.0.0.1:${metrics}`,
        `--health-probe-addr=127.0.0.1:${health}`,
      ],
      {
        // Its webhook server reads the certificate from a directory below the temporary one.
        env: {
          PATH: process.env['PATH'],
          HOME: directory,
          TMPDIR: directory,
          POD_NAMESPACE: 'kserve',
          ...environment,
        },
        stdio: ['ignore', output, output],
      },
    );
    const url = `https://127.0.0.1:${port}`;
    const running = new KServe(child, log, url, `http://127.0.0.1:${metrics}/metrics`);
    await running.#until('its health check answers', async () => {
      return (await fetch(`http://127.0.0.1:${health}/readyz`)).ok;
    });
    const items = configurations(configurationName, url, Buffer.from(cert).toString('base64'));
    await cluster.must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await running.#until('the API server asks its webhooks', () => isAsked(cluster));
    return running;
  }

  private constructor(child: ChildProcess, log: string, url: string, metrics: string) {
    this.#process = child;
    this.#log = log;
    this.url = url;
    this.#metrics = metrics;
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Everything it has logged. */
  get output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /**
   * Makes a change and waits until KServe has worked it off.
   * @param stored answers whether the change stored anything: KServe hears of nothing else
   */
  async after<T>(change: () => Promise<T>, stored: () => Promise<boolean>): Promise<T> {
    const before = await this.#work();
    const result = await change();
    if (!(await stored())) return result;
    await this.#until('it reconciles', async () => (await this.#work()).reconciled > before.reconciled);
    await this.rest();
    return result;
  }

  /** Waits until nothing is reconciled, and nothing has been for a while. */
  async rest(): Promise<void> {
    let last = await this.#work();
    let since = Date.now();
    await this.#until('it rests', async () => {
      const now = await this.#work();
      if (now.pending > 0 || now.reconciled !== last.reconciled) since = Date.now();
      last = now;
      return Date.now() - since >= REST_MS;
    });
  }

  async stop(): Promise<void> {
    await ended(this.#process);
  }

  async #work(): Promise<{ readonly reconciled: number; readonly pending: number }> {
    const text = await (await fetch(this.#metrics)).text();
    const sum = (line: RegExp): number =>
      [...text.matchAll(line)].reduce((total, [, value]) => total + Number(value), 0);
    return {
      reconciled: sum(/^controller_runtime_reconcile_total\{controller="inferenceservice".*\} (\S+)$/gm),
      pending:
        sum(/^controller_runtime_active_workers\{controller="inferenceservice"\} (\S+)$/gm) +
        sum(/^workqueue_depth\{.*name="inferenceservice".*\} (\S+)$/gm),
    };
  }

  async #until(what: string, check: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + READY_SECONDS * 1_000; Date.now() < end; await sleep(20)) {
      if (await check().catch(() => false)) return;
      if (this.#process.exitCode !== null) break;
    }
    throw new Error(`waited for KServe in vain until ${what}: ${this.output.slice(-2_000)}`);
  }
}

/** The release's own configuration, but with Standard deployments and no ingress. */
function configuration(): Loose {
  const { data, metadata, ...rest } = parse(readFileSync(kserve().configMap, 'utf8'));
  const { _example, deploy, ingress, ...others } = data;
  return {
    ...rest,
    metadata: { ...metadata, namespace: 'kserve' },
    data: {
      ...others,
      deploy: JSON.stringify({ ...JSON.parse(deploy), defaultDeploymentMode: 'Standard' }),
      ingress: JSON.stringify({
        ...JSON.parse(ingress),
        disableIstioVirtualHost: true,
        disableIngressCreation: true,
      }),
    },
  };
}

/** KServe's webhook configurations for the kinds that a multi-node service needs, asked at a URL. */
function configurations(name: string, url: string, caBundle: string): readonly Loose[] {
  const webhook = (verb: 'mutate' | 'validate', version: string, kind: string): Loose => ({
    name: `${kind}.kserve-webhook-server.${verb === 'mutate' ? 'defaulter' : 'validator'}`,
    clientConfig: { url: `${url}/${verb}-serving-kserve-io-${version}-${kind}`, caBundle },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1beta1'],
    rules: [
      {
        apiGroups: ['serving.kserve.io'],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: [`${kind}s`],
      },
    ],
  });
  const validating = (version: string, kind: string): Loose => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `${kind}.serving.kserve.io` },
    webhooks: [webhook('validate', version, kind)],
  });
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [webhook('mutate', 'v1beta1', 'inferenceservice')],
    },
    validating('v1beta1', 'inferenceservice'),
    validating('v1alpha1', 'servingruntime'),
    validating('v1alpha1', 'clusterservingruntime'),
  ];
}

/** Its defaulter rewrites a framework's shorthand. */
async function isAsked(cluster: TestCluster): Promise<boolean> {
  const { status, body } = await cluster.call(
    'POST',
    '/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices?dryRun=All',
    {
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      metadata: { name: 'probe' },
      spec: { predictor: { sklearn: { storageUri: 'pvc://models/probe' } } },
    },
  );
  return status === 201 && body.spec.predictor.model !== undefined;
}
