/** What a raised timeoutSeconds buys: `serve --webhook-timeout`, with an API server that takes its time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { FakeApi } from '../support/fake-api.ts';
import { repliesTo, words } from '../hostile/observe.ts';
import { bodyOf } from '../hostile/reviews.ts';
import { post } from '../hostile/wire.ts';
import { minimalRuntime, minimalService } from '../rules/cases.ts';
import { Server } from '../support/server.ts';

/** Longer than a read may take by default, shorter than what 10 s leave. */
const SLOW = 2_000;

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start([
    minimalRuntime(),
    BUILTIN_RUNTIME,
    {
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'slow', namespace: 'team' },
      spec: { accessModes: ['ReadWriteOnce'] },
      status: { phase: 'Bound' },
    },
  ]);
  api.delays = { claim: SLOW };
});
afterAll(() => api.stop());

test.each([
  { seconds: '5', timeout: '5s', answer: 'allowed, warned (claim "slow" not checked: no answer in time)' },
  { seconds: '10', timeout: '10s', answer: 'denied 422 (storage-claim)' },
  // The other phase's timeoutSeconds is shorter: ?timeout says so.
  { seconds: '10', timeout: '2s', answer: 'denied 504' },
])(
  '--webhook-timeout $seconds, asked with ?timeout=$timeout: $answer',
  async ({ seconds, timeout, answer }) => {
    const server = await Server.start({
      kubeconfig: api.kubeconfig,
      arguments: ['--webhook-timeout', seconds],
    });
    try {
      const service = minimalService();
      service.spec.predictor.model.storageUri = 'pvc://slow/llama';
      const body = bodyOf(service);
      const [reply] = await repliesTo(server.port, { send: post(`/validate?timeout=${timeout}`, body) }, 1);
      expect(reply && words(reply)).toBe(answer);
    } finally {
      await server.stop('SIGKILL');
    }
  },
);
