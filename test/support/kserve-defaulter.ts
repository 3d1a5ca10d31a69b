/**
 * What KServe's defaulter does to a service, for tests that are many or have no KServe: a framework shorthand becomes
 * predictor.model, a container gets `name: ""` and `resources: {}`, an annotation names the model format.
 */
import type { Loose } from '../rules/cases.ts';

/** @returns the same object, changed */
export function defaulted(service: Loose): Loose {
  const { predictor } = service.spec;
  if (predictor.huggingface) {
    predictor.model = {
      modelFormat: { name: 'huggingface' },
      protocolVersion: 'v2',
      ...predictor.huggingface,
    };
    delete predictor.huggingface;
  }
  if (predictor.model) {
    predictor.model.name ??= '';
    predictor.model.resources ??= {};
  }
  for (const container of predictor.workerSpec?.containers ?? []) container.resources ??= {};
  service.metadata.annotations ??= {};
  service.metadata.annotations.modelFormat = predictor.model?.modelFormat?.name ?? '';
  return service;
}
