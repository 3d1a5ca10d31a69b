/** Resource names that KServe's validator refuses, and how to get them past it. For gpu-resource. */
import { STANDARD_RESOURCES, type ResourceEntry } from '../../kserve/container.ts';
import { KNOWN_GPU_TYPES } from '../../kserve/gpu-types.ts';
import { DEFAULT_GPU_TYPE, isNeverGpu } from '../../kserve/gpus.ts';
import { nearest } from '../../lib/nearest.ts';
import type { ResourceNames } from '../../kserve/resource-names.ts';
import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';
import { LateReport } from './late-report.ts';

/** With more names the line would be too long to paste. */
const MOST_IN_LINE = 8;

/** How to get a name past KServe's validator. */
export type Advice = (name: string) => {
  readonly fix: string;
  readonly short: string;
  /** The GPU type that is meant, if the name is a misspelt one; null otherwise. */
  readonly meant: string | null;
};

/**
 * The annotation with every name that it lacks, GPU types first: KServe writes under the first that is there.
 * @param used every resource name of the containers that the validator reads
 * @param where of the annotation, where it is not the service's own
 */
export function listingAdvice(
  listed: readonly string[],
  used: () => Iterable<string>,
  names: ResourceNames,
  notGpus: readonly string[],
  where = '',
): Advice {
  // The same for every name, of which there may be thousands.
  let line: readonly string[] | null | undefined;
  return (name) => {
    if (line === undefined) line = lineOf(listed, used(), names, notGpus);
    return {
      meant: line === null ? null : meantBy(name),
      fix:
        line === null
          ? `add ${quote(name)} to the list in the annotation ${GPU_RESOURCE_TYPES}${where}, GPU types first`
          : `add the annotation ${GPU_RESOURCE_TYPES}${where}: '${JSON.stringify(line.map(visible))}'`,
      short: `add ${quote(name)} to the annotation ${GPU_RESOURCE_TYPES}${where}`,
    };
  };
}

/** @returns the names for the annotation; null where they are too many for a line */
function lineOf(
  listed: readonly string[],
  used: Iterable<string>,
  names: ResourceNames,
  notGpus: readonly string[],
): readonly string[] | null {
  const gpus = new Set(listed.filter((name) => !isNeverGpu(name, notGpus)));
  const others = new Set(listed.filter((name) => isNeverGpu(name, notGpus)));
  for (const name of used) {
    if (gpus.size + others.size > MOST_IN_LINE) return null;
    if (names.isListed(name)) continue;
    const kind = names.kindOf(name);
    if (kind === 'unknown') gpus.add(name);
    if (kind === 'network') others.add(name);
  }
  return gpus.size + others.size > MOST_IN_LINE ? null : [...gpus, ...others];
}

export function unknownName(entry: ResourceEntry, name: string, advice: Advice): Report {
  return new LateReport(
    'deny',
    () => entry.field,
    () => {
      const { fix, short, meant } = advice(name);
      const quoted = quote(name);
      const message = `KServe knows no resource ${quoted}: it is neither a standard one nor a GPU type`;
      if (meant !== null) {
        return {
          message,
          fix: `write ${meant} in place of ${quoted}`,
          short: `unknown resource ${quoted}: write ${meant}`,
        };
      }
      // The name of a part of a GPU is no slip.
      return MIG.test(name)
        ? {
            message,
            fix: `${fix}, ${AND_COUNTED}`,
            short: `unknown resource ${quoted}: ${short}, and to customGPUResourceTypeList of inferenceservice-config`,
          }
        : {
            message,
            fix: `correct the name (${ALL_KNOWN}), or ${fix}`,
            short: `unknown resource ${quoted}: correct the name or ${short}`,
          };
    },
  );
}

const MIG = /\/mig-/;
/** The annotation is for KServe's validator, the ConfigMap for its controller: gpu-capacity. */
const AND_COUNTED =
  'and have the type added to customGPUResourceTypeList of the ConfigMap inferenceservice-config, since KServe does not count it otherwise';

const ALL_KNOWN = KNOWN_GPU_TYPES.join(', ');

/** Letters by which a slip is longer or shorter; a name such as nvidia.com/gpu.shared is another one. */
const SLIP = 2;

/** Every GPU type has a domain with a dot, so that a GPU without one is a slip as well. */
function meantBy(name: string): string | null {
  const [domain = '', type] = name.split('/');
  if (type !== undefined && !domain.includes('.')) return nearest(`${domain}.com/${type}`, KNOWN_GPU_TYPES);
  if (type !== undefined)
    return nearest(
      name,
      KNOWN_GPU_TYPES.filter((known) => Math.abs(known.length - name.length) <= SLIP),
    );
  return /gpu/i.test(name) ? DEFAULT_GPU_TYPE : nearest(name, [...KNOWN_GPU_TYPES, ...STANDARD_RESOURCES]);
}

export function unlistedNetwork(entry: ResourceEntry, name: string, advice: Advice): Report {
  return new LateReport(
    'deny',
    () => entry.field,
    () => {
      const { fix, short } = advice(name);
      return {
        message: `${quote(name)} is no GPU, and KServe's validator refuses it unless it is listed as one`,
        fix,
        short: `KServe's validator refuses ${quote(name)}: ${short}`,
      };
    },
  );
}
