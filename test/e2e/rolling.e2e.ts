/**
 * A release that is upgraded, rolled back and uninstalled by the real helm while multi-node services are written all
 * the time: no call fails. The two versions differ in image, configuration, time-outs, and in the entries of the webhook
 * configurations.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Installation } from './cluster/installation.ts';
import { NAMESPACE, runHelm } from './cluster/release.ts';
import { Rollout } from './cluster/rollout.ts';
import { Balancer } from './cluster/service-balancer.ts';
import { multiNode, service } from './world.ts';

/** Creates and changes a second, each judged by both webhooks; every service is deleted as well. */
const RATE = Number(process.env['HEADCOUNT_E2E_WRITES'] ?? 50);
const WRITERS = 25;

let chart: Installation;
let balancer: Balancer;
let rollout: Rollout;
beforeAll(async () => {
  chart = await Installation.start();
  balancer = await Balancer.start();
  rollout = new Rollout(chart, balancer);
});
afterAll(async () => {
  await rollout?.kill();
  await balancer?.stop();
  await chart?.clear();
  await chart?.stop();
});

class Load {
  judged = 0;
  readonly failed: string[] = [];
  readonly #started = Date.now();
  #stopping = false;
  readonly #writers: readonly Promise<void>[];

  constructor() {
    this.#writers = Array.from({ length: WRITERS }, (_, writer) => this.#write(writer));
  }

  async stop(): Promise<number> {
    this.#stopping = true;
    await Promise.all(this.#writers);
    return this.judged / ((Date.now() - this.#started) / 1_000);
  }

  async #write(writer: number): Promise<void> {
    for (let count = 0; !this.#stopping; count++) {
      const name = `written-${writer}-${count}`;
      await this.#call('POST', service('team'), multiNode(name));
      await this.#call('PATCH', service('team', name), { spec: { predictor: { timeout: 60 + count } } });
      const { status } = await chart.cluster.call('DELETE', service('team', name));
      if (status !== 200) this.failed.push(`DELETE ${status}`);
    }
  }

  async #call(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
    const due = this.#started + (this.judged / RATE) * 1_000;
    this.judged += 1;
    await sleep(Math.max(0, due - Date.now()));
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await chart.cluster
      .call(method, path, body, { type })
      .catch((error: Error) => ({ status: 0, body: { message: error.message } }));
    if (answer.status >= 300 || answer.status === 0) {
      this.failed.push(`${method} ${answer.status} ${answer.body.message}`);
    }
  }
}

const A = { image: { tag: 'a' } };
const B = {
  image: { tag: 'b' },
  config: { rules: { 'gpu-idle': 'off' } },
  webhook: {
    mutating: { timeoutSeconds: 7 },
    validating: { timeoutSeconds: 7, warnNotMultiNode: true },
  },
};

/** The image of the Deployment, which says which version is installed. */
async function installed(): Promise<string> {
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/headcount`;
  const { body } = await chart.cluster.call('GET', path);
  return body.spec.template.spec.containers[0].image.split(':')[1];
}

test('A, then B, back to A, uninstall: every write is answered as without them', async () => {
  await chart.install(A, { port: balancer.port });
  await rollout.roll();
  await chart.becomes(422, 'gpu-capacity');

  const load = new Load();
  const judged: string[] = [];
  const note = (what: string): unknown => judged.push(`${what} after ${load.judged} writes`);
  await sleep(2_000);
  await chart.upgrade(B);
  expect(await installed()).toBe('b');
  await rollout.roll();
  await chart.until('the entry of B is in force', async () =>
    (await chart.inForce()).includes('not-multi-node'),
  );
  note('B');
  await chart.becomes(422, 'gpu-capacity');

  const back = await runHelm(chart.cluster, ['rollback', 'headcount', '1', '--namespace', NAMESPACE]);
  expect(back).toMatchObject({ code: 0 });
  expect(await installed()).toBe('a');
  await rollout.roll();
  expect(await chart.inForce()).toEqual(['watched', 'judged', 'watched', 'judged', 'runtimes']);
  note('A again');
  await chart.becomes(422, 'gpu-capacity');

  const gone = await runHelm(chart.cluster, ['uninstall', 'headcount', '--namespace', NAMESPACE]);
  expect(gone).toMatchObject({ code: 0 });
  await rollout.end();
  note('none');
  await chart.becomes(201, 'too-few');
  await sleep(2_000);
  const rate = await load.stop();
  expect(load.failed).toEqual([]);
  console.info(
    `${load.judged} creates and changes, ${rate.toFixed(1)} a second, 0 failed; ${judged.join(', ')}`,
  );
});
