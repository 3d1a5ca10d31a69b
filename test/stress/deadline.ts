/** An API server of which every read hangs, once headcount is ready: each answer in its deadline, as a 200. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { FakeApi } from '../support/fake-api.ts';
import { bodyOf } from '../hostile/reviews.ts';
import { post, Wire } from '../hostile/wire.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { Server } from '../support/server.ts';
import type { Figure } from '../support/targets.ts';

/** The contract's 3 s, and what the way there and back may take. */
const DEADLINE = 3_000;
const WAY = 100;
/** All at once fewer than are judged at once (256): more would be shed. */
const EACH = 40;

const CHANGES: readonly ((spec: Loose, index: number) => unknown)[] = [
  ({ predictor: { model } }, index) => (model.runtime = `never-${index}`),
  ({ predictor: { model } }, index) => (model.storageUri = `pvc://never-${index}/x`),
  ({ predictor: { model } }, index) => {
    delete model.runtime;
    model.modelFormat.name = `never-${index}`;
  },
];

export async function ownDeadline(): Promise<readonly Figure[]> {
  const objects = [minimalRuntime(), BUILTIN_RUNTIME as Loose];
  const api = await FakeApi.start(objects);
  const server = await Server.start({ kubeconfig: api.kubeconfig });
  api.faults = {
    runtime: 'time-out',
    runtimes: 'time-out',
    claim: 'time-out',
    namespace: 'time-out',
    services: 'time-out',
    config: 'time-out',
  };
  const times: number[] = [];
  let wrong = 0;
  const ask = async (
    index: number,
    phase: string,
    change: (spec: Loose, index: number) => unknown,
  ): Promise<void> => {
    const service = minimalService();
    change(service.spec, index);
    const wire = await Wire.connect(server.port);
    const began = performance.now();
    wire.send(post(`/${phase}?timeout=5s`, bodyOf(service, { uid: `deadline-${phase}-${index}` })));
    const reply = await wire.next();
    times.push(performance.now() - began);
    wire.destroy();
    const { allowed, status, warnings = [] } = JSON.parse(reply?.body || '{"response":{}}').response ?? {};
    const told = [status?.message ?? '', ...warnings].join();
    const named =
      /could not read|not checked|reading the runtimes for namespace \S+ took too long/.test(told) ||
      (phase === 'mutate' && allowed === true);
    if (reply?.code !== 200 || !named) wrong++;
  };
  const all: Promise<void>[] = [];
  for (let index = 0; index < EACH; index++) {
    for (const [which, change] of CHANGES.entries()) {
      for (const phase of ['mutate', 'validate']) all.push(ask(which * EACH + index, phase, change));
    }
    // More in one turn of the event loop would be shed.
    await sleep(20);
  }
  await Promise.all(all);
  await server.stop('SIGKILL');
  api.stop();
  return [
    {
      what: `own deadline: slowest of ${times.length} answers while every read hangs`,
      value: Math.max(...times),
      unit: 'ms',
      most: DEADLINE + WAY,
    },
    { what: 'own deadline: answers that are no 200, or do not name the slow part', value: wrong, most: 0 },
  ];
}
