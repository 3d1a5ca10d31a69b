/**
 * A cluster on which the chart is installed by the real helm, and asked about services: see release.ts for what stands
 * in for nodes and network.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILTIN_RUNTIME } from '../../../src/cluster/builtin-runtime.ts';
import { KINDS } from '../../../src/registration/registration.ts';
import type { Loose } from '../../rules/cases.ts';
import { freePort } from '../../support/port.ts';
import { gpus, multiNode, service, version } from '../world.ts';
import { TestCluster } from './cluster.ts';
import { crds } from './crds.ts';
import {
  CHART,
  NAMESPACE,
  onChart,
  pointHere,
  runContainer,
  runHelm,
  type Container,
  type Files,
} from './release.ts';

export interface InstallOptions {
  readonly release?: string;
  /** Of the Service and the Deployment; the release's without it. */
  readonly name?: string;
  /** Where the API server asks; where the one pod listens without it. */
  readonly port?: number;
  readonly chart?: string;
}

export class Installation {
  readonly cluster: TestCluster;
  /** Of the running release: `service` is where the API server asks. */
  ports: { readonly service: number; readonly webhook: number; readonly ops: number } = NO_PORTS;
  container: Container | undefined;
  #release = 'headcount';

  /** Starts a cluster with KServe's kinds, a runtime and a namespace for the release, where only restricted pods may run. */
  static async start(): Promise<Installation> {
    const cluster = await TestCluster.start(version());
    await cluster.must(['create', '-f', '-'], crds());
    for (const kind of ['inferenceservices', 'servingruntimes', 'clusterservingruntimes']) {
      while ((await cluster.kubectl(['get', `${kind}.serving.kserve.io`, '-A'])).code !== 0) await sleep(100);
    }
    for (const name of ['kserve', 'team', NAMESPACE]) await cluster.must(['create', 'namespace', name]);
    await cluster.must(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted']);
    await cluster.must(['apply', '-f', '-'], JSON.stringify(BUILTIN_RUNTIME));
    return new Installation(cluster);
  }

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  /** Removes the release and what runs of it. */
  async clear(): Promise<void> {
    await this.container?.stop();
    this.container = undefined;
    await runHelm(this.cluster, ['uninstall', this.#release, '--namespace', NAMESPACE, '--ignore-not-found']);
    // There is no garbage collector; and what a failed helm test leaves is for its user to read.
    await this.cluster.kubectl(['-n', NAMESPACE, 'delete', 'secret,pod', '--all', '--force']);
    this.#release = 'headcount';
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
  }

  /** Values that put the release where this machine can be reached. */
  here(values: object): object {
    const { service: port, ...ports } = this.ports;
    return { service: { port }, ports, ...values };
  }

  /** Installs the chart and makes the Service point here; nothing runs yet. */
  async install(values: object = {}, options: InstallOptions = {}): Promise<void> {
    const { release = 'headcount', name = release, port, chart = CHART } = options;
    this.#release = release;
    const webhook = await freePort();
    this.ports = { service: port ?? webhook, webhook, ops: await freePort() };
    await onChart(this.cluster, ['install'], this.here(values), release, chart);
    await pointHere(this.cluster, name);
  }

  async upgrade(values: object, ...flags: readonly string[]): Promise<void> {
    await onChart(this.cluster, ['upgrade', ...flags], this.here(values));
  }

  async configText(name = 'headcount'): Promise<string> {
    const { body } = await this.cluster.call('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/${name}`);
    return body.data['config.yaml'];
  }

  /** Runs the Deployment's container and waits until the probe of its template says ready. */
  async run(files: Files = {}, name = 'headcount'): Promise<Container> {
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`;
    const { spec } = (await this.cluster.call('GET', path)).body.spec.template;
    const config = { '/etc/headcount/config/config.yaml': await this.configText(name), ...files };
    const container = await runContainer(this.cluster, spec, config, ['--host=127.0.0.1']);
    this.container = container;
    const { path: ready } = spec.containers[0].readinessProbe.httpGet;
    await this.until('ready', async () => {
      return (await fetch(`http://127.0.0.1:${this.ports.ops}${ready}`)).status === 200;
    });
    return container;
  }

  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    for (let wait = 0; wait < 300; wait++) {
      if (await check().catch(() => false)) return;
      await sleep(100);
    }
    throw new Error(`waited in vain until ${what}\n${this.container?.output()}`);
  }

  /** What becomes of a service: the status of a dry run, and the message. */
  async ask(object: Loose): Promise<{ status: number; text: string }> {
    const path = `${service(object.metadata.namespace)}?dryRun=All`;
    const { status, body } = await this.cluster.call('POST', path, object);
    return { status, text: JSON.stringify(body) };
  }

  /** Waits, since the API server learns of configurations within a second or so. */
  async becomes(status: number, includes: string, object: Loose = tooFew()): Promise<void> {
    let last = '';
    await this.until(`${status} ${includes}`, async () => {
      const answer = await this.ask(object);
      last = `${answer.status} ${answer.text}`;
      return answer.status === status && answer.text.includes(includes);
    }).catch((error: Error) => {
      throw new Error(`${error.message}\nlast: ${last.slice(0, 600)}`);
    });
  }

  /** The entries of both webhook configurations; none of one that is not there. */
  async entries(): Promise<readonly Loose[]> {
    const all = await Promise.all(
      KINDS.map(async (kind) => {
        const path = `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/multinode.headcount.dev`;
        return (await this.cluster.call('GET', path)).body.webhooks ?? [];
      }),
    );
    return all.flat();
  }

  /** The names of the entries that match something, but for the probe. */
  async inForce(): Promise<readonly string[]> {
    const matching = (await this.entries()).filter(({ rules = [] }) => rules.length > 0);
    return matching.map(({ name }) => name.split('.')[0]).filter((name) => name !== 'probe');
  }
}

const NO_PORTS = { service: 0, webhook: 0, ops: 0 };

/** Refused by gpu-capacity. */
export function tooFew(change: (object: Loose) => void = () => {}): Loose {
  return multiNode('too-few', (object) => {
    object.spec.predictor.model.resources = gpus(1);
    change(object);
  });
}
