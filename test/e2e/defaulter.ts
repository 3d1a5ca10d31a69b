/**
 * A second mutating webhook that does to a service what KServe's defaulter does: a framework shorthand becomes
 * predictor.model, a container gets `name: ""` and `resources: {}`, an annotation names the model format.
 * Written from docs/kserve.md, What KServe's webhooks change, for the tests of what happens to our values beside it.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPatch } from 'rfc6902';
import { issueForLocalhost } from '../../src/certs/localhost.ts';
import { defaulted } from '../support/kserve-defaulter.ts';
import type { TestCluster } from './cluster/cluster.ts';

export interface Defaulter {
  /** How often it was asked. */
  readonly calls: () => number;
  readonly stop: () => Promise<void>;
}

/** @param name of the configuration: its place in the alphabet is its place in the order of the webhooks */
export async function startDefaulter(cluster: TestCluster, name: string): Promise<Defaulter> {
  const { cert, key } = await issueForLocalhost(Date.now());
  let calls = 0;
  const server = createServer({ cert, key }, (incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      calls += 1;
      const { apiVersion, kind, request } = JSON.parse(Buffer.concat(chunks).toString());
      const patch = createPatch(request.object, defaulted(JSON.parse(JSON.stringify(request.object))));
      const response = {
        uid: request.uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      };
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ apiVersion, kind, response }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await cluster.must(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: 'defaulter.example.com',
          admissionReviewVersions: ['v1'],
          clientConfig: {
            url: `https://127.0.0.1:${port}/`,
            caBundle: Buffer.from(cert).toString('base64'),
          },
          rules: [
            {
              apiGroups: ['serving.kserve.io'],
              apiVersions: ['v1beta1'],
              resources: ['inferenceservices'],
              operations: ['CREATE', 'UPDATE'],
            },
          ],
          failurePolicy: 'Fail',
          sideEffects: 'None',
          reinvocationPolicy: 'IfNeeded',
        },
      ],
    }),
  );
  return {
    calls: () => calls,
    async stop() {
      await cluster.must(['delete', 'mutatingwebhookconfiguration', name]);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
