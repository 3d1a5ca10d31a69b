/**
 * A release of the chart on a test cluster. There is no kubelet, so the pods' containers are run here: the rendered
 * arguments and environment, a token of the rendered service account, the rendered ConfigMap as files. And no network
 * of pods, so the Service is made to stand for this machine: the webhook configurations stay as rendered.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Loose } from '../../rules/cases.ts';
import { helm } from './binaries.ts';
import type { Outcome, TestCluster } from './cluster.ts';
import { PROGRAM } from '../../support/program.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const CHART = join(ROOT, 'charts/headcount');
export const NAMESPACE = 'headcount-system';

/** The parts of a container's world that are files. */
export type Files = Readonly<Record<string, string>>;

/** A running container. */
export interface Container {
  readonly output: () => string;
  /** Writes a mounted file anew. */
  readonly write: (path: string, text: string) => void;
  readonly done: Promise<number | null>;
  /** Ends it with SIGKILL, or with another signal. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Runs the real helm. */
export async function runHelm(cluster: TestCluster, args: readonly string[]): Promise<Outcome> {
  const child = spawn(helm(), [...args], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: cluster.directory,
      KUBECONFIG: cluster.kubeconfig('admin'),
    },
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, ...text };
}

/** helm with the chart, where it must succeed. */
export async function onChart(
  cluster: TestCluster,
  command: readonly string[],
  values: object = {},
  release = 'headcount',
  chart = CHART,
): Promise<string> {
  const file = join(mkdtempSync(join(cluster.directory, 'values-')), 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const [name = '', ...flags] = command;
  const args = [name, release, chart, '--namespace', NAMESPACE, '--values', file, ...flags];
  const { code, out, err } = await runHelm(cluster, args);
  if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/** @returns what `helm template` renders */
export async function rendered(
  cluster: TestCluster,
  values: object = {},
): Promise<{ readonly text: string; readonly documents: readonly Loose[] }> {
  const text = await onChart(cluster, ['template'], values);
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  return { text, documents: documents.filter((document) => document !== null) };
}

/** Makes a Service stand for this machine: the API server then asks at localhost and the Service's port. */
export async function pointHere(cluster: TestCluster, name = 'headcount'): Promise<void> {
  const here = {
    spec: { type: 'ExternalName', externalName: 'localhost', clusterIP: null, clusterIPs: null },
  };
  await cluster.must(['-n', NAMESPACE, 'patch', 'service', name, '--type=merge', '-p', JSON.stringify(here)]);
}

/**
 * Runs the one container of a pod.
 * @param files what is mounted, by the path in the container; arguments that name it get the real path
 */
export async function runContainer(
  cluster: TestCluster,
  { serviceAccountName, containers: [container] }: Loose,
  files: Files = {},
  further: readonly string[] = [],
): Promise<Container> {
  const directory = mkdtempSync(join(cluster.directory, 'container-'));
  const write = (path: string, text: string): void => {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const args = container.args.map((arg: string) => arg.replace('=/etc/', `=${directory}/etc/`));
  const env = Object.fromEntries((container.env ?? []).map(({ name, value }: Loose) => [name, value]));
  const child = spawn(process.execPath, [PROGRAM, ...args, ...further], {
    env: { ...env, KUBECONFIG: await kubeconfigOf(cluster, serviceAccountName, directory) },
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const done = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => text,
    write,
    done,
    stop: async (signal = 'SIGKILL') => {
      child.kill(signal);
      await done;
    },
  };
}

/** A kubeconfig with a token such as a pod of that service account gets. */
async function kubeconfigOf(cluster: TestCluster, account: string, directory: string): Promise<string> {
  const { status, body } = await cluster.call(
    'POST',
    `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  );
  if (status !== 201) throw new Error(`no token for ${account}: ${JSON.stringify(body)}`);
  const { server, caFile } = cluster.endpoint;
  const path = join(directory, 'kubeconfig');
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'pod',
      contexts: [{ name: 'pod', context: { cluster: 'test', user: 'pod', namespace: NAMESPACE } }],
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
      users: [{ name: 'pod', user: { token: body.status.token } }],
    }),
  );
  return path;
}
