/**
 * Which settings hold for one namespace and one service. The first of these that says something decides: the
 * service's annotation (mutation mode only), the namespace's labels where the platform honours them, the file.
 */
import { Unavailable, type Cluster } from '../cluster/cluster.ts';
import { MUTATION_MODES, type MutationMode } from '../mutation/mode.ts';
import { ENFORCEMENT_LEVELS, type Config } from '../config/config.ts';
import type { Labels } from '../lib/labels.ts';
import { annotation, MUTATION_MODE } from '../kserve/annotations.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Finding } from '../rules/rule.ts';
import type { RuleSettings } from '../rules/subject.ts';
import type { NotJudged } from './decision.ts';

export interface Enforcement {
  /** deny: as the rules say; warn: every denial becomes a warning; off and exempt: nothing is judged. */
  readonly enforce: 'deny' | 'warn' | 'off' | 'exempt';
  /** Who says so: the configuration if absent. */
  readonly from?: 'label';
  readonly mutationMode: MutationMode;
  /** Why the namespace's labels could not be read, so that the file alone decided. */
  readonly unread?: string;
}

/** @returns why nothing is judged there, as a decision says it; null where something is */
export function notJudgedUnder({ enforce, from }: Enforcement): NotJudged | null {
  if (enforce === 'exempt') return 'namespace-exempt';
  if (enforce !== 'off') return null;
  return from === 'label' ? 'namespace-off' : 'enforcement-off';
}

const ENFORCE_LABEL = 'headcount.dev/enforce';
const MUTATION_LABEL = 'headcount.dev/mutation';

export async function enforcementOf(
  namespace: string,
  cluster: Cluster,
  config: Config,
): Promise<Enforcement> {
  const { mode } = config.mutation;
  if (config.namespaces.exempt.includes(namespace)) return { enforce: 'exempt', mutationMode: mode };
  const ofCluster = config.enforcement;
  if (!config.namespaces.labels) return { enforce: ofCluster, mutationMode: mode };
  let labels: Labels;
  try {
    labels = await cluster.namespaceLabels(namespace);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { enforce: ofCluster, mutationMode: mode, unread: error.message };
  }
  const enforce = labels.get(ENFORCE_LABEL);
  const labelled = ENFORCEMENT_LEVELS.find((level) => level === enforce);
  return {
    enforce: labelled ?? ofCluster,
    ...(labelled !== undefined && { from: 'label' as const }),
    mutationMode: modeOr(labels.get(MUTATION_LABEL) ?? null, mode),
  };
}

/** @returns the mutation mode of a service: its own annotation wins where it names a mode. */
export function mutationModeOf(service: ServiceView, enforcement: Enforcement): MutationMode {
  return modeOr(annotation(service, MUTATION_MODE), enforcement.mutationMode);
}

function modeOr(given: string | null, otherwise: MutationMode): MutationMode {
  return MUTATION_MODES.find((mode) => mode === given) ?? otherwise;
}

export function ruleSettings(config: Config): RuleSettings {
  return {
    protocols: config.storage.protocols,
    accessModes: config.storage.accessModes,
    notGpus: config.gpus.notGpus,
    maxTotal: config.gpus.maxTotal,
    model: config.model ?? null,
  };
}

/** Applies the namespace's enforcement to findings whose levels the rules' configuration has set. */
export function enforced(findings: readonly Finding[], enforcement: Enforcement): readonly Finding[] {
  return enforcement.enforce === 'warn' ? findings.map(asWarning) : findings;
}

export function asWarning(finding: Finding): Finding {
  return finding.severity === 'deny' ? { ...finding, severity: 'warn' } : finding;
}
