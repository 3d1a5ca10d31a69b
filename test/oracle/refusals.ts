/**
 * Why the API server would refuse a Deployment that KServe's controller sends. The judge's API server in memory stores
 * everything, so the checks of Kubernetes that random pairs can break are made here (k8s.io/kubernetes,
 * pkg/apis/core/validation and pkg/apis/apps/validation).
 */
import type { Container, Deployment, Verdict } from './judge.ts';

const LABEL_LIMIT = 63;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** @returns one line for each reason, in no special order */
export function refusals({ deployments = {}, services = {} }: Verdict): readonly string[] {
  return [
    ...Object.keys(services).flatMap((name) =>
      isLabel(name) ? [] : [`Service ${name}: the name is no DNS label`],
    ),
    ...Object.entries(deployments).flatMap(([name, deployment]) =>
      inDeployment(deployment).map((reason) => `Deployment ${name}: ${reason}`),
    ),
  ];
}

function inDeployment({ strategy, template }: Deployment): readonly string[] {
  const { containers, initContainers = [], volumes = [] } = template.spec;
  const all = [...containers, ...initContainers];
  const labels = Object.entries(template.metadata.labels ?? {});
  return [
    ...(strategy.type === 'Recreate' && strategy.rollingUpdate !== undefined
      ? ['rollingUpdate may not be given with Recreate']
      : []),
    ...(['maxSurge', 'maxUnavailable'].every((key) => isZero(Object(strategy.rollingUpdate)[key]))
      ? ['maxUnavailable may not be 0 when maxSurge is 0']
      : []),
    ...labels.flatMap(([key, value]) => (value.length > LABEL_LIMIT ? [`label ${key} is too long`] : [])),
    ...twice(all.map(({ name }) => name)).map((name) => `two containers are called ${name}`),
    ...twice(volumes.map(({ name }) => name)).map((name) => `two volumes are called ${name}`),
    ...all.flatMap((container) => {
      const mounted = (container.volumeMounts ?? []).map(({ name }) => name);
      const missing = mounted.filter((name) => volumes.every((volume) => volume.name !== name));
      return [...inContainer(container), ...missing.map((name) => `there is no volume ${name}`)].map(
        (reason) => `container ${container.name}: ${reason}`,
      );
    }),
  ];
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '0%';
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function inContainer({
  name,
  image,
  env = [],
  resources = {},
  volumeMounts = [],
  startupProbe,
  livenessProbe,
  readinessProbe,
}: Container): readonly string[] {
  const { requests = {}, limits = {} } = resources;
  const probes = Object.fromEntries(
    Object.entries({ startupProbe, livenessProbe, readinessProbe }).filter(
      ([, given]) => given !== undefined,
    ),
  );
  return [
    ...(isLabel(name) ? [] : ['the name is no DNS label']),
    ...((image ?? '') === '' ? ['there is no image'] : []),
    ...Object.entries(probes).flatMap(([probe, given = {}]) => {
      const handlers = Object.keys(given).filter((key) => HANDLERS.includes(key));
      return handlers.length === 1 ? [] : [`${probe} has ${handlers.length} handlers`];
    }),
    ...env.flatMap((entry) =>
      entry.valueFrom !== undefined && (entry.value ?? '') !== ''
        ? [`${entry.name} has value and valueFrom`]
        : [],
    ),
    ...twice(volumeMounts.map(({ mountPath }) => mountPath)).map((path) => `${path} is mounted twice`),
    ...Object.keys({ ...requests, ...limits }).flatMap((type) =>
      inResource(type, requests[type], limits[type]),
    ),
  ];
}

/**
 * An extended resource, such as a GPU, has a limit, a request that equals it, and is a whole number. A request of another
 * one is at most its limit.
 */
function inResource(type: string, request: string | undefined, limit: string | undefined): readonly string[] {
  if (!isExtended(type)) {
    const isAbove = request !== undefined && limit !== undefined && amount(request) > amount(limit);
    return isAbove ? [`${type} has a request of ${request}, above its limit of ${limit}`] : [];
  }
  if (limit === undefined) return [`${type} has a request and no limit`];
  if (request !== undefined && request !== limit)
    return [`${type} has a request of ${request}, a limit of ${limit}`];
  return /^\d+(k|M|G|Ki|Mi|Gi)?$/.test(limit) ? [] : [`${type} is no whole number: ${limit}`];
}

const UNITS: Readonly<Record<string, number>> = { m: 1e-3, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** The few spellings that the twists write. */
function amount(quantity: string): number {
  const [, digits, unit = ''] = /^(\d+)(m|[MGT]i)?$/.exec(quantity) ?? [];
  if (digits === undefined) throw new Error(`a quantity that is not read here: ${quantity}`);
  return Number(digits) * (UNITS[unit] ?? 1);
}

function isExtended(type: string): boolean {
  return type.includes('/') && !type.startsWith('kubernetes.io/');
}

function isLabel(name: string): boolean {
  return name.length <= LABEL_LIMIT && LABEL.test(name);
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
