/** spec.predictor, which KServe's CRD requires, and requires to be a map. For unknown-field. */
import { nearest } from '../../lib/nearest.ts';
import { asObject, property } from '../../lib/json.ts';
import { quote, visible } from '../../lib/text.ts';
import { isGiven } from '../../kserve/setting.ts';
import { noMap } from './field-types.ts';
import type { Report } from './finding.ts';

const EXAMPLE = 'model: {modelFormat: {name: huggingface}}';

/** @param raw an InferenceService of any shape */
export function* noPredictor(raw: unknown): Iterable<Report> {
  const spec = property(raw, 'spec');
  const predictor = property(spec, 'predictor');
  if (isGiven(spec) && asObject(spec) === null) yield* noMap(spec, 'spec', `predictor: {${EXAMPLE}}`);
  else if (!isGiven(predictor)) yield missing(asObject(spec) ?? {});
  else yield* noMap(predictor, 'spec.predictor', EXAMPLE);
}

function missing(spec: object): Report {
  const meant = Object.keys(spec).find((name) => nearest(name, ['predictor']) !== null);
  const found = 'there is no spec.predictor, and the API server requires it';
  const fix = meant === undefined ? `write predictor: {${EXAMPLE}}` : `rename ${quote(meant)} to predictor`;
  return {
    severity: 'deny',
    field: meant === undefined ? 'spec.predictor' : `spec.${visible(meant)}`,
    message: found,
    fix,
    short: `${found}: ${fix}`,
  };
}
