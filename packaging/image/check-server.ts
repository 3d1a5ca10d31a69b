/** The image as a server: it starts as its user and without rights, answers, and ends when it is told to. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { parse } from 'yaml';
import { commandLine, environment, MANIFEST, type Line } from './container.ts';
import { argumentsOf } from './dockerfile.ts';
import type { Image } from './files.ts';

const SERVING = /serving (https:\S+) .*and (http:\S+) /;

/** @returns whether `serve` serves, and runs with no more than it needs */
export async function* checkServer(image: Image): AsyncIterable<Line> {
  const anyPorts = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
  const [file, args] = commandLine(image, ['serve', '--offline', ...anyPorts]);
  const child = spawn(file, args, { env: environment(image) });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let text = '';
  const addresses = await new Promise<readonly string[]>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, ...found] = SERVING.exec(text) ?? [];
      if (found.length > 0) resolve(found);
    });
    void ended.then(() => resolve([]));
  });
  const [https, http] = addresses;
  yield ['serve starts', https !== undefined, https === undefined ? text : ''];
  if (https === undefined || http === undefined) return;
  yield* checkRights(child.pid ?? 0, argumentsOf(image.stage, 'USER'));
  yield ['it is ready', (await statusOf(`${http}/readyz`)) === 200];
  const answer = await ask(`${https}/validate`);
  const isDenied = answer.includes('"allowed":false') && answer.includes('gpu-capacity');
  yield ['/validate refuses what it should', isDenied];
  child.kill('SIGTERM');
  yield ['SIGTERM ends it with 0', (await ended) === 0];
}

function* checkRights(pid: number, user: string): Iterable<Line> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (key: string): string => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const [uid, gid] = user.split(':');
  yield ['its user and group', field('Uid').startsWith(`${uid}\t`) && field('Gid').startsWith(`${gid}\t`)];
  yield ['no capability', /^0+$/.test(field('CapEff')) && field('NoNewPrivs') === '1'];
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
  const own = mounts.filter((line) => line.split(' ')[4] === '/');
  yield ['its root directory is read-only', own.length > 0 && own.every((line) => / ro[, ]/.test(line))];
}

async function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });
}

/** Sends the manifest in an AdmissionReview. @returns the body of the answer */
async function ask(url: string): Promise<string> {
  const object = parse(MANIFEST) as { metadata: { name: string } };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'image-check',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      resource: { group: 'serving.kserve.io', version: 'v1beta1', resource: 'inferenceservices' },
      name: object.metadata.name,
      namespace: 'default',
      operation: 'CREATE',
      userInfo: {},
      object,
    },
  };
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(
      url,
      { method: 'POST', headers, rejectUnauthorized: false },
      (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(review));
  });
}
