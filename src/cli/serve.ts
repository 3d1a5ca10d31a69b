/** `headcount serve`: from arguments to a running server. */
import type { Cache, Cluster } from '../cluster/cluster.ts';
import { DEFAULTS, type Config } from '../config.ts';
import type { Arguments } from './args.ts';
import type { Run } from './command.ts';
import { UsageError } from './refusal.ts';
import { apiOf, clusterOf, configFileOf, kserveNamespaceOf } from './session.ts';
import { versionNumber } from './version.ts';

const HIGHEST_PORT = 65_535;

export const serve: Run = async (given, { stdout, stderr }) => {
  const host = given.text('host');
  const certDir = given.text('cert-dir');
  const port = portOf(given, 'port');
  const opsPort = portOf(given, 'ops-port');
  const file = await configFileOf(given);
  const config = (): Config => file?.current() ?? DEFAULTS;
  const offline = given.has('offline');
  checkUse(given, offline);
  const surroundings = offline
    ? { cluster: await clusterOf(given, []) }
    : await liveCluster(given, config().namespaces.labels);
  // Here, so that wrong use is told without loading the server.
  const server = await import('../serve.ts');
  return server.serve(
    {
      ...surroundings,
      config,
      ...(file !== null && { configFile: file }),
      version: await versionNumber(),
      offline,
      ...(host !== null && { host }),
      ...(port !== null && { port }),
      ...(opsPort !== null && { opsPort }),
      ...(certDir !== null && { certDir }),
    },
    { stdout, stderr },
  );
};

function checkUse(given: Arguments, offline: boolean): void {
  if (offline) {
    const [wrong] = ['kubeconfig', 'context', 'kserve-namespace'].filter((name) => given.text(name) !== null);
    if (wrong !== undefined) throw new UsageError(`--${wrong} needs a cluster, but --offline is given`);
    return;
  }
  if (given.all('catalog').length > 0) throw new UsageError('--catalog needs --offline');
  if (given.text('cert-dir') === null) throw new UsageError('--cert-dir is needed to serve a cluster');
}

/** @param namespaces are labels of namespaces honoured? */
async function liveCluster(
  given: Arguments,
  namespaces: boolean,
): Promise<{ readonly cluster: Cluster; readonly cache: Cache }> {
  const api = await apiOf(given);
  const { CachedCluster } = await import('../cluster/cached.ts');
  const cached = new CachedCluster({ api, kserveNamespace: kserveNamespaceOf(given), namespaces });
  return { cluster: cached, cache: cached };
}

function portOf(given: Arguments, option: string): number | null {
  const text = given.text(option);
  if (text === null) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > HIGHEST_PORT) {
    throw new UsageError(`--${option} ${text} is no port: a number from 0 to ${HIGHEST_PORT}`);
  }
  return Number(text);
}
