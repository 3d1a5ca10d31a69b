/** The annotation that lists further resource names, of service or predictor, as gpu-resource judges it. */
import { annotatedGpuTypes, isTooLongList, LONGEST_LIST, MOST_TYPES } from '../../kserve/gpus.ts';
import type { ResourceNames } from '../../kserve/resource-names.ts';
import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { property, type JsonObject } from '../../lib/json.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/**
 * @param annotations where it stands
 * @param field its path
 */
export function listReports(annotations: JsonObject, field: string, names: ResourceNames): readonly Report[] {
  const listed = annotatedGpuTypes(annotations);
  if (listed === null) return [unreadable(annotations, field)];
  if (listed.length === 0) return NOTHING;
  return listed.filter((type) => lacksDomain(type, names)).map((type) => noDomain(type, field));
}

const NOTHING: readonly Report[] = [];

function unreadable(annotations: JsonObject, field: string): Report {
  if (isTooLongList(annotations)) {
    return {
      severity: 'deny',
      field,
      message: `the list has more than ${MOST_TYPES} entries or ${LONGEST_LIST} characters, so it was not read`,
      fix: 'list only the types that the service asks for',
      short: `annotation ${GPU_RESOURCE_TYPES} is too long to be read: list only the types that the service asks for`,
    };
  }
  const example = `${GPU_RESOURCE_TYPES}: '["nvidia.com/mig-1g.5gb"]'`;
  return {
    severity: 'deny',
    field,
    message: `${quote(property(annotations, GPU_RESOURCE_TYPES))} is not a JSON array of at least one non-empty string`,
    fix: `write a list, as in ${example}`,
    short: `annotation ${GPU_RESOURCE_TYPES} is not a JSON array of strings; an example: '["nvidia.com/mig-1g.5gb"]'`,
  };
}

/** Huge pages are named without one. */
function lacksDomain(type: string, names: ResourceNames): boolean {
  return !type.includes('/') && names.kindOf(type) !== 'network';
}

function noDomain(type: string, field: string): Report {
  return {
    severity: 'warn',
    field,
    message: `${quote(type)} has no domain, so that no device plugin can offer it`,
    fix: 'write the full name, as in nvidia.com/mig-1g.5gb',
    short: `GPU type ${quote(type)} has no domain: write the full name, as in nvidia.com/mig-1g.5gb`,
  };
}
