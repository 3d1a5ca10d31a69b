/**
 * The pods of a release, several at a time. No controller replaces pods here, no kubelet probes them and nobody keeps the
 * endpoints of the Service: this does what they do together, as the stored Deployment says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loose } from '../../rules/cases.ts';
import { freePort } from '../../support/port.ts';
import type { Installation } from './installation.ts';
import { NAMESPACE, runContainer, type Container } from './release.ts';
import type { Balancer } from './service-balancer.ts';

interface Pod {
  readonly url: string;
  readonly container: Container;
  readonly graceSeconds: number;
}

const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/headcount`;
/** Milliseconds until a change of endpoints is known everywhere. */
const ENDPOINTS = 1_500;
const READY_SECONDS = 30;

export class Rollout {
  readonly #installation: Installation;
  readonly #balancer: Balancer;
  #pods: readonly Pod[] = [];
  readonly #ending = new Set<Promise<unknown>>();

  /** @param balancer stands for the Service */
  constructor(installation: Installation, balancer: Balancer) {
    this.#installation = installation;
    this.#balancer = balancer;
  }

  /** Replaces the pods by those of the Deployment as it is stored now: one more at a time, and none fewer. */
  async roll(): Promise<void> {
    const { body } = await this.#installation.cluster.call('GET', DEPLOYMENT);
    const { replicas, strategy, template } = body.spec;
    const { maxSurge, maxUnavailable } = strategy.rollingUpdate;
    if (maxSurge !== 1 || maxUnavailable !== 0) throw new Error('this rolls in one way only');
    const old = [...this.#pods];
    const started: Pod[] = [];
    while (started.length < replicas || old.length > 0) {
      if (started.length < replicas) started.push(await this.#start(template.spec));
      await this.#end(old.shift());
    }
    this.#pods = started;
  }

  /** What becomes of the pods when their Deployment is deleted. */
  async end(): Promise<void> {
    for (const pod of this.#pods) await this.#end(pod);
    await Promise.all(this.#ending);
    this.#pods = [];
  }

  /** Ends whatever is left at once. */
  async kill(): Promise<void> {
    await Promise.all(this.#pods.map(({ container }) => container.stop()));
  }

  get logs(): string {
    return this.#pods.map(({ container }) => container.output()).join('\n');
  }

  async #start(spec: Loose): Promise<Pod> {
    const [port, opsPort] = [await freePort(), await freePort()];
    const config = { '/etc/headcount/config/config.yaml': await this.#installation.configText() };
    const further = ['--host=127.0.0.1', `--port=${port}`, `--ops-port=${opsPort}`];
    const container = await runContainer(this.#installation.cluster, spec, config, further);
    const { path } = spec.containers[0].readinessProbe.httpGet;
    const end = Date.now() + READY_SECONDS * 1_000;
    while (!(await isReady(`http://127.0.0.1:${opsPort}${path}`))) {
      if (Date.now() > end) throw new Error(`a pod is not ready: ${container.output()}`);
      await sleep(100);
    }
    const pod = {
      url: `https://127.0.0.1:${port}`,
      container,
      graceSeconds: spec.terminationGracePeriodSeconds,
    };
    await sleep(ENDPOINTS);
    this.#balancer.add(pod);
    return pod;
  }

  /** SIGTERM, then no further connections, and SIGKILL when its time is over. */
  async #end(pod: Pod | undefined): Promise<void> {
    if (pod === undefined) return;
    const { container, graceSeconds } = pod;
    const ended = container.stop('SIGTERM');
    const late = setTimeout(() => void container.stop(), graceSeconds * 1_000);
    const over = ended.finally(() => clearTimeout(late));
    this.#ending.add(over);
    void over.then(() => this.#ending.delete(over));
    await sleep(ENDPOINTS);
    this.#balancer.remove(pod);
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  );
}
