/** How the probes of merged containers ask. For merge. */
import type { ContainerView } from '../../kserve/container.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { isGiven } from '../../kserve/setting.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

/** A probe asks in one way. KServe lays the service's over the runtime's, key by key. */
export function* probeHandlers(
  own: ContainerView,
  ofRuntime: ContainerView | null,
  runtime: RuntimeView | null,
): Iterable<Report> {
  for (const key of PROBES) {
    const over = own[key];
    if (over === null) continue;
    const base = ofRuntime?.[key] ?? {};
    const [here, there] = [over, base].map((probe) => HANDLERS.filter((handler) => isGiven(probe[handler])));
    const all = new Set([...(here ?? []), ...(there ?? [])]);
    if (all.size === 1) continue;
    const field = `${own.field}.${key}`;
    if (all.size === 0) yield withoutHandler(field, key);
    else yield severalHandlers(field, key, here ?? [], there ?? [], runtime);
  }
}

function withoutHandler(field: string, key: string): Report {
  const fix = `write what it asks, such as httpGet: {path: /health, port: 8080}`;
  return {
    severity: 'deny',
    field,
    message: `the ${key} asks nothing, and the API server refuses the Deployment`,
    fix,
    short: `the ${key} asks nothing, and the API server refuses the Deployment: ${fix}`,
  };
}

function severalHandlers(
  field: string,
  key: string,
  here: readonly string[],
  there: readonly string[],
  runtime: RuntimeView | null,
): Report {
  const [ofRuntime] = there;
  const found =
    ofRuntime === undefined
      ? `the ${key} has ${here.join(' and ')}`
      : `the ${key} has ${here.join(' and ') || 'nothing'} here and ${there.join(' and ')} in the ${runtime?.kind} ${quote(runtime?.name)}`;
  const fix = `keep ${ofRuntime ?? here[0]} alone`;
  return {
    severity: 'deny',
    field,
    message: `${found}; KServe's merge keeps them all, and the API server refuses the Deployment`,
    fix,
    short: `${found}, which KServe merges into one probe: ${fix}`,
  };
}
