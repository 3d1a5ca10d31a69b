/**
 * The claim can be mounted by every pod.
 *
 * Reads: the access modes and the phase of the claim that storageUri names, and the number of pods planned, or the
 * pipeline parallel size where no plan can be made.
 * Allowed: a bound claim with ReadWriteMany. ReadOnlyMany alone works for a model that is there already and
 * draws a warning, as do a claim that does not exist yet and one that is Pending.
 * Why: the pods of a multi-node service run on different nodes, and a claim without one of these modes can be
 * mounted on one node only: the others wait for it without end. KServe does not look at the claim.
 * Source: docs/kserve.md, The guide; Kubernetes, persistent volumes, access modes.
 */
import type { ClaimOutcome } from '../kserve/claim.ts';
import { effectiveSizes } from '../kserve/plan.ts';
import type { Report, Rule } from './rule.ts';
import type { RuleSettings, ServiceSubject } from './subject.ts';
import { quote, visible } from '../lib/text.ts';

const WANTED = 'ReadWriteMany';

export const rule: Rule = {
  id: 'storage-claim',
  summary: 'The claim of a multi-node service can be mounted by several nodes',
  checkService(subject) {
    const { service, claim, settings } = subject;
    const { worker, model } = service;
    if (worker === null || model === null) return [];
    const field = model.storageUriField;
    if (claim.status === 'none') return [];
    if (claim.status === 'missing') return [missing(field, claim.name)];
    if (claim.status === 'unchecked') return [unchecked(field, claim.name, claim.cause)];
    return [
      ...accessModes(field, claim, severalPods(subject), settings),
      ...(claim.phase === 'Pending' ? [pending(field, claim.name)] : []),
    ];
  },
};

type FoundClaim = Extract<ClaimOutcome, { status: 'found' }>;

/**
 * @returns why there is more than one pod, else null. Without a plan, the number of pipeline stages decides: each stage
 *   has its own pod, unless one pod has the GPUs of several stages.
 */
function severalPods({ service, runtime, plan }: ServiceSubject): string | null {
  if (plan !== null) return plan.pods > 1 ? 'more than one pod is planned' : null;
  const sizes = runtime.status === 'found' ? effectiveSizes(service, runtime.runtime) : null;
  const stages = sizes?.pipelineParallelSize ?? service.worker?.pipelineParallelSize.value ?? 1;
  return stages > 1 ? `pipelineParallelSize ${stages} means several pods` : null;
}

function accessModes(
  field: string,
  claim: FoundClaim,
  several: string | null,
  settings: RuleSettings,
): readonly Report[] {
  const { name, accessModes: offered } = claim;
  const admitted = settings.accessModes.filter((mode) => offered.includes(mode));
  const shown = offered.length === 0 ? 'no access mode' : `only ${offered.map(visible).join(', ')}`;
  if (admitted.length === 0) {
    if (several === null) return [];
    return [
      {
        severity: 'deny',
        field,
        message: `claim ${quote(name)} offers ${shown}, but ${several}, each of which mounts it`,
        fix: `use a claim with ${settings.accessModes.includes(WANTED) ? WANTED : settings.accessModes.join(' or ')}`,
        short: `claim ${quote(name)} can't be mounted by several pods: use one with ${settings.accessModes.join(' or ')}`,
      },
    ];
  }
  if (admitted.includes(WANTED)) return [];
  return [
    {
      severity: 'warn',
      field,
      message: `claim ${quote(name)} offers ${shown}, where KServe's guide asks for ${WANTED}`,
      fix: `use a claim with ${WANTED}, or make sure that the model is on it already`,
      short: `claim ${quote(name)} does not offer ${WANTED}: the model must be on it already`,
    },
  ];
}

function missing(field: string, name: string): Report {
  return {
    severity: 'warn',
    field,
    message: `claim ${quote(name)} does not exist in this namespace, so the pods will wait for it`,
    fix: `create it with ${WANTED}, or correct the name`,
    short: `claim ${quote(name)} does not exist in this namespace: create it with ${WANTED}`,
  };
}

function pending(field: string, name: string): Report {
  return {
    severity: 'warn',
    field,
    message: `claim ${quote(name)} is Pending, so no volume is bound to it yet`,
    fix: 'see its events; a storage class that binds on first use binds it when the pods start',
    short: `claim ${quote(name)} is Pending: no volume is bound to it yet`,
  };
}

function unchecked(field: string, name: string, cause: string): Report {
  return {
    severity: 'note',
    field,
    message: `claim ${quote(name)} was not checked: ${visible(cause)}`,
    fix: `make sure that it exists and offers ${WANTED}`,
    short: `claim ${quote(name)} not checked: make sure that it offers ${WANTED}`,
  };
}
