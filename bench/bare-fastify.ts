/** The yardstick: Fastify over TLS, which parses the body as JSON and always gives the same answer. Argument: port. */
import { fastify } from 'fastify';
import { issueForLocalhost } from '../src/certs/localhost.ts';

const app = fastify({ https: await issueForLocalhost(Date.now()), bodyLimit: 7 * 1024 * 1024 });
const answer = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: '', allowed: true },
};
app.post('*', (request) => ({
  ...answer,
  response: { ...answer.response, uid: (request.body as { request: { uid: string } }).request.uid },
}));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
console.error('listening');
// So that a profile is written at its end.
process.on('SIGTERM', () => process.exit(0));
