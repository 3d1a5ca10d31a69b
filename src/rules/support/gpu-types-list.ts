/** The annotation that lists further resource names, of service, predictor or runtime, as gpu-resource judges it. */
import {
  annotatedGpuTypes,
  isTooLongList,
  listingAnnotations,
  LONGEST_LIST,
  MOST_TYPES,
} from '../../kserve/gpu-types.ts';
import type { ResourceNames } from '../../kserve/resource-names.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import type { ServiceView } from '../../kserve/view.ts';
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

/** What the service's pods get from the runtime: KServe deploys nothing if one of the lists can't be read. */
export function* inheritedLists(service: ServiceView, runtime: RuntimeView): Iterable<Report> {
  for (const { annotations, field } of listsOf(runtime)) {
    if (listingAnnotations(service, annotations) !== annotations) continue;
    if (annotatedGpuTypes(annotations) !== null) continue;
    const { message, short, ...report } = unreadable(annotations, field);
    const where = ` (${runtime.kind} ${quote(runtime.name)})`;
    yield {
      ...report,
      owner: 'runtime',
      message: `${message}${where}, and KServe then deploys nothing`,
      fix: `have it corrected, or list the types of this service in its own annotation ${GPU_RESOURCE_TYPES}`,
      short: `${short}${where}`,
    };
  }
}

/**
 * The lists of a runtime by itself. KServe's webhook refuses it for that of spec.annotations, unless it is disabled. It does
 * not read the one of workerSpec, which a list of the service's own may hide.
 */
export function* runtimeLists(runtime: RuntimeView): Iterable<Report> {
  if (runtime.disabled) return;
  for (const { annotations, field, severity } of listsOf(runtime)) {
    if (annotatedGpuTypes(annotations) === null) yield { ...unreadable(annotations, field), severity };
  }
}

interface RuntimeList {
  readonly annotations: JsonObject;
  readonly field: string;
  /** How grave an unreadable list is for the runtime alone. */
  readonly severity: 'deny' | 'warn';
}

function listsOf({ annotations, worker }: RuntimeView): readonly RuntimeList[] {
  const head: RuntimeList = { annotations, field: `spec.${ANNOTATION}`, severity: 'deny' };
  if (worker === null) return [head];
  return [
    head,
    { annotations: worker.annotations, field: `${worker.field}.${ANNOTATION}`, severity: 'warn' },
  ];
}

const ANNOTATION = `annotations[${GPU_RESOURCE_TYPES}]`;

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
