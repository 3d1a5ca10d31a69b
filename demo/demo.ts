/**
 * Starts the real server on loopback, posts the guide's manifests and a few refused ones to it as
 * AdmissionReviews over TLS, as an API server would, and shows each answer. Ends with 0 when every
 * verdict is the documented one. Nothing is left running or on disk.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parse } from 'yaml';
import { run } from '../src/cli/program/run.ts';

interface Scene {
  readonly file: string;
  /** Rule ids of the denial; empty when the manifest is admitted. */
  readonly denied: readonly string[];
  /** Rule ids of the warnings. */
  readonly warned: readonly string[];
}

const SCENES: readonly Scene[] = [
  { file: 'guide-example', denied: [], warned: [] },
  { file: 'guide-case-1', denied: [], warned: [] },
  { file: 'guide-case-2', denied: [], warned: ['parallel-size'] },
  { file: 'guide-case-3', denied: [], warned: ['gpu-idle'] },
  { file: 'size-as-env', denied: ['parallel-size-env'], warned: [] },
  { file: 'mixed-gpus', denied: ['gpu-type-mix'], warned: [] },
  { file: 'too-few-gpus', denied: ['gpu-capacity'], warned: [] },
  {
    file: 'seven-mistakes',
    denied: [
      'parallel-size-env',
      'parallel-size',
      'storage-uri',
      'autoscaler-class',
      'deployment-mode',
      'head-replicas',
      'canary',
    ],
    warned: [],
  },
];

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly warnings?: readonly string[];
  readonly patch?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly message: string;
    readonly details?: { readonly causes?: readonly { reason: string }[] };
  };
}

const CATALOG = join(import.meta.dirname, 'catalog');
// The server issues the pair in memory for this run, so no CA that the client knows has signed it.
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

async function main(): Promise<number> {
  const { server, url } = await startServer();
  let wrong = 0;
  try {
    for (const scene of SCENES) wrong += (await show(scene, url)) ? 0 : 1;
  } finally {
    agent.destroy();
    server.kill('SIGTERM');
  }
  const [code] = (await once(server, 'exit')) as [number | null];
  const right = SCENES.length - wrong;
  print(`${right} of ${SCENES.length} verdicts are the documented ones; the server ended with ${code}.`);
  return wrong === 0 && code === 0 ? 0 : 1;
}

async function startServer(): Promise<{ server: ChildProcess; url: string }> {
  const script = join(import.meta.dirname, '../src/main.ts');
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
  const server = spawn(process.execPath, [script, 'serve', '--offline', '--catalog', CATALOG, ...ports], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => server.kill('SIGKILL'));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const match = /https:\/\/[\d.]+:\d+/.exec(text);
      if (match !== null) resolve(match[0]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('exit', (code) =>
      reject(new Error(`the server ended with ${code} before it was ready:\n${text}`)),
    );
  });
  print(`headcount serves ${url} (pid ${server.pid}), with ${CATALOG} for a cluster.\n`);
  return { server, url };
}

/** @returns whether the verdict is the documented one. */
async function show(scene: Scene, url: string): Promise<boolean> {
  const text = readFileSync(join(import.meta.dirname, 'manifests', `${scene.file}.yaml`), 'utf8');
  const object: unknown = parse(text);
  print(`── ${scene.file}.yaml ${'─'.repeat(Math.max(0, 70 - scene.file.length))}`);
  print(text.split('\n')[0]?.replace(/^# /, '') ?? '');
  const answer = await post(`${url}/mutate?timeout=5s`, object);
  const denied = (answer.status?.details?.causes ?? []).map((cause) => cause.reason);
  const warned = (answer.warnings ?? []).map((warning) => /\(([a-z-]+)\)$/.exec(warning)?.[1] ?? '');
  print(answer.allowed ? '\n✔ accepted' : '\n✘ refused');
  for (const warning of answer.warnings ?? []) print(`  Warning: ${warning}`);
  if (!answer.allowed) print(indent(answer.status?.message ?? ''));
  if (answer.patch !== undefined) print(indent(patchLines(answer.patch)));
  if (answer.allowed) print(`\n${indent(await picture(text))}`);
  const right = sameList(denied, scene.denied) && sameList(warned, scene.warned);
  if (!right) {
    print(
      `  NOT THE DOCUMENTED VERDICT: denied [${scene.denied.join(', ')}], warned [${scene.warned.join(', ')}]`,
    );
  }
  print('');
  return right;
}

async function post(url: string, object: unknown): Promise<Response> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: crypto.randomUUID(),
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      resource: { group: 'serving.kserve.io', version: 'v1beta1', resource: 'inferenceservices' },
      name: (object as { metadata: { name: string } }).metadata.name,
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'demo' },
      object,
      oldObject: null,
      dryRun: true,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
  const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return (JSON.parse(Buffer.concat(chunks).toString()) as { response: Response }).response;
}

function patchLines(patch: string): string {
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as {
    op: string;
    path: string;
    value?: unknown;
  }[];
  const lines = operations.map(
    ({ op, path, value }) => `${op.padEnd(8)}${path} ${short(JSON.stringify(value ?? ''))}`,
  );
  return [`patch of ${operations.length} operations:`, ...lines].join('\n');
}

/** The plan as the command line draws it. */
async function picture(manifest: string): Promise<string> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.end(manifest);
  await run(['plan', '-', '--catalog', CATALOG], {
    stdin,
    stdout,
    stderr: new PassThrough(),
    env: process.env,
  });
  stdout.end();
  const chunks: Buffer[] = [];
  for await (const chunk of stdout) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString().trimEnd();
}

function short(text: string): string {
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
