/**
 * KServe's own ConfigMap: which GPU types it counts beyond the four it knows, its default mode, and how it makes host
 * names.
 */
import { asList, asString, at, parseJson, property } from '../lib/json.ts';
import type { KServeConfig } from '../kserve/gpus.ts';

export const KSERVE_CONFIG = 'inferenceservice-config';

/** What KServe does where the ConfigMap says nothing, or can't be read. */
export const KSERVE_DEFAULTS: KServeConfig = { customGpuTypes: [], defaultDeploymentMode: null };

/** @param object the ConfigMap; KServe itself falls back to its defaults where a key holds no valid JSON */
export function readKServeConfig(object: unknown): KServeConfig {
  const types = property(parsed(at(object, 'data', 'multiNode')), 'customGPUResourceTypeList');
  const ingress = parsed(at(object, 'data', 'ingress'));
  const namespace = asString(at(object, 'metadata', 'namespace'));
  const domainTemplate = asString(property(ingress, 'domainTemplate'));
  const ingressDomain = asString(property(ingress, 'ingressDomain'));
  return {
    customGpuTypes: asList(types).filter((type) => typeof type === 'string' && type !== '') as string[],
    defaultDeploymentMode:
      asString(property(parsed(at(object, 'data', 'deploy')), 'defaultDeploymentMode')) || null,
    ...(namespace && { namespace }),
    ...(domainTemplate && { domainTemplate }),
    ...(ingressDomain && { ingressDomain }),
  };
}

function parsed(text: unknown): unknown {
  return typeof text === 'string' ? parseJson(text) : null;
}
