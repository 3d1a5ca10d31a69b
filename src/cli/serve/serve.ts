/** `headcount serve`: from arguments to a running server. */
import type { ClientCa } from '../../certs/client-ca.ts';
import type { ReducedObject } from '../../cluster/cluster.ts';
import type { Api } from '../../cluster/api.ts';
import { DEFAULTS, type Config } from '../../config/config.ts';
import { visible } from '../../lib/text.ts';
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { causeOf } from '../shared/files.ts';
import { portOf } from '../shared/port.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import { refuseTooOld, statedVersion, withVersion } from '../shared/release.ts';
import { apiOf, clusterOf, configFileOf, kserveNamespaceOf } from '../shared/session.ts';
import { versionNumber } from '../version.ts';
import { longestDeadline, WEBHOOK_TIMEOUT } from '../../server/deadline.ts';
import type { ServeOptions } from '../../server/serve.ts';

/** Kubernetes' own limit of timeoutSeconds. */
const LONGEST_TIMEOUT = 30;
/** Options that mean nothing without a cluster. */
const LIVE = ['kubeconfig', 'context', 'kserve-namespace', 'service', 'namespace', 'dns-name'];

export const serve: Run = async (given, { stdout, stderr }) => {
  const host = given.text('host');
  const certDir = given.text('cert-dir');
  const port = portOf(given, 'port');
  const opsPort = portOf(given, 'ops-port');
  const deadline = deadlineOf(given);
  const file = await configFileOf(given);
  const version = statedVersion(given);
  const config = (): Config => withVersion(file?.current() ?? DEFAULTS, version);
  const offline = given.has('offline');
  checkUse(given, offline);
  const surroundings = offline
    ? { cluster: await clusterOf(given, (runtime) => stderr.write(reducedLine(runtime))) }
    : await liveCluster(given, config(), deadline);
  const clientCaFile = given.text('client-ca');
  // Here, so that wrong use is told without loading the server.
  const server = await import('../../server/serve.ts');
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
      deadline,
      ...(certDir !== null && { certDir, names: statedNames(given) }),
      ...(clientCaFile !== null && { clientCa: await clientCaOf(clientCaFile) }),
    },
    { stdout, stderr },
  );
};

function reducedLine({ kind, namespace, name, held }: ReducedObject): string {
  const which = `${kind} ${namespace === '' ? '' : `${visible(namespace)}/`}${visible(name)}`;
  const what = held === 'cut' ? 'some of its args are too long to read' : 'it is too large to be read';
  return `headcount: ${which}: ${what}, and not checked\n`;
}

function checkUse(given: Arguments, offline: boolean): void {
  if (offline) {
    const [wrong] = LIVE.filter((name) => given.all(name).length > 0);
    if (wrong !== undefined) throw new UsageError(`--${wrong} needs a cluster, but --offline is given`);
    return;
  }
  if (given.all('catalog').length > 0) throw new UsageError('--catalog needs --offline');
}

/**
 * @param deadline milliseconds that a review may take
 * @throws Refusal where the cluster runs a release of KServe that is not planned for
 */
async function liveCluster(
  given: Arguments,
  config: Config,
  deadline: number,
): Promise<Pick<ServeOptions, 'cluster' | 'cache' | 'certificates' | 'registration'>> {
  const api = await apiOf(given, deadline);
  const { CachedCluster } = await import('../../cluster/cached.ts');
  const cached = new CachedCluster({
    api,
    kserveNamespace: kserveNamespaceOf(given),
    namespaces: config.namespaces.labels,
  });
  refuseTooOld(await cached.firstInstalled(), config);
  const selfManaged = given.text('cert-dir') === null;
  return {
    cluster: cached,
    cache: cached,
    registration: await registrationOf(given, api),
    ...(selfManaged && { certificates: await ownCertificates(given, api) }),
  };
}

/** The names that a pair from files must serve. Only stated names are known: the API server may use others too. */
function statedNames(given: Arguments): readonly string[] {
  const service = given.text('service');
  const namespace = given.text('namespace');
  const inside = service !== null && namespace !== null ? [`${service}.${namespace}.svc`] : [];
  return [...inside, ...given.all('dns-name')];
}

/** The Service that the API server calls. */
function serviceOf(given: Arguments, api: Api): { readonly service: string; readonly namespace: string } {
  return {
    service: given.text('service') ?? 'headcount',
    namespace: given.text('namespace') ?? api.namespace,
  };
}

/** The webhook configurations come into force once the API server has asked. */
async function registrationOf(
  given: Arguments,
  api: Api,
): Promise<NonNullable<ServeOptions['registration']>> {
  const [{ inForce }, { registrationStore }] = await Promise.all([
    import('../../registration/in-force.ts'),
    import('../../cluster/registration.ts'),
  ]);
  const store = registrationStore(api, serviceOf(given, api));
  return (onEvent) => inForce({ store, onEvent });
}

/** Certificates that the replicas issue themselves, kept in a Secret beside the Service that they are for. */
async function ownCertificates(
  given: Arguments,
  api: Api,
): Promise<NonNullable<ServeOptions['certificates']>> {
  const [{ selfManagedCertificate }, { certificateStore, trustStore }] = await Promise.all([
    import('../../certs/self-managed.ts'),
    import('../../cluster/certificates.ts'),
  ]);
  const { service, namespace } = serviceOf(given, api);
  const inside = `${service}.${namespace}`;
  const names = [service, inside, `${inside}.svc`, `${inside}.svc.cluster.local`, ...given.all('dns-name')];
  return (onEvent) =>
    selfManagedCertificate({
      store: certificateStore(api, { namespace, name: `${service}-certificates`, service }),
      trustStore: trustStore(api),
      names,
      onEvent,
    });
}

async function clientCaOf(path: string): Promise<ClientCa> {
  const { clientCa } = await import('../../certs/client-ca.ts');
  try {
    return await clientCa(path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === undefined
      ? new Refusal((error as Error).message)
      : new Refusal(`cannot read ${path}: ${causeOf(error)}`);
  }
}

/** @returns milliseconds that an answer may take */
function deadlineOf(given: Arguments): number {
  const text = given.text('webhook-timeout') ?? String(WEBHOOK_TIMEOUT);
  if (!/^\d{1,2}$/.test(text) || Number(text) < 1 || Number(text) > LONGEST_TIMEOUT) {
    throw new UsageError(
      `--webhook-timeout ${text} is no timeoutSeconds: a number from 1 to ${LONGEST_TIMEOUT}`,
    );
  }
  return longestDeadline(Number(text));
}
