/** The limit: node:https alone, which parses the body as JSON and always gives the same answer. Argument: port. */
import { createServer } from 'node:https';
import { issueForLocalhost } from '../src/certs/localhost.ts';

const pair = await issueForLocalhost(Date.now());
createServer(pair, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } };
    const answer = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: review.request.uid, allowed: true },
    });
    response.setHeader('content-type', 'application/json');
    response.end(answer);
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.error('listening'));
// So that a profile is written at its end.
process.on('SIGTERM', () => process.exit(0));
