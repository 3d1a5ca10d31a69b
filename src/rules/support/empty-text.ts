/** Empty texts, as a Helm chart writes them, that KServe looks for like any other. For runtime. */
import type { ModelView } from '../../kserve/model.ts';
import type { RuntimeOutcome } from '../../kserve/selection.ts';
import type { Report } from './finding.ts';

/** @returns the empty text for which KServe finds no runtime; null where none is to blame */
export function emptyText(outcome: RuntimeOutcome, model: ModelView): Report | null {
  if (model.runtimeName === '') return emptyName(model.runtimeField);
  return failsByEmptyVersion(outcome, model) ? emptyVersion(model.formatVersionField) : null;
}

function emptyName(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'the name of the runtime is empty, and KServe looks for a runtime of that name',
    fix: `name a runtime, or remove ${field}, so that KServe selects one`,
    short: `the name of the runtime is empty: name one, or remove ${field}`,
  };
}

/** Would a runtime support the format if no version of it were stated? */
function failsByEmptyVersion(outcome: RuntimeOutcome, model: ModelView): boolean {
  if (model.formatVersion !== '') return false;
  const against =
    outcome.status === 'none' ? outcome.candidates : outcome.status === 'unsuitable' ? [outcome] : [];
  return against.some(
    ({ runtime, reason }) => reason === 'format' && runtime.formats.some(({ name }) => name === model.format),
  );
}

function emptyVersion(field: string): Report {
  const found = 'the version of the model format is empty, and KServe looks for a runtime of that version';
  return { severity: 'deny', field, message: found, fix: `remove ${field}`, short: `${found}: remove it` };
}
