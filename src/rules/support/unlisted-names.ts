/** Resource names that KServe's validator refuses, and how to get them past it. For gpu-resource. */
import { STANDARD_RESOURCES } from '../../kserve/container.ts';
import { DEFAULT_GPU_TYPE, isNeverGpu, KNOWN_GPU_TYPES } from '../../kserve/gpus.ts';
import { nearest } from '../../lib/nearest.ts';
import type { ResourceKind, ResourceNames } from '../../kserve/resource-names.ts';
import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

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
  used: () => readonly string[],
  names: ResourceNames,
  notGpus: readonly string[],
  where = '',
): Advice {
  const complete = (): readonly string[] => {
    const lacking = (kind: ResourceKind): readonly string[] =>
      used().filter((name) => names.kindOf(name) === kind && !names.isListed(name));
    const gpus = [...listed, ...lacking('unknown')].filter((name) => !isNeverGpu(name, notGpus));
    const others = [...listed.filter((name) => isNeverGpu(name, notGpus)), ...lacking('network')];
    return [...new Set([...gpus, ...others])];
  };
  // The same for every name, of which there may be thousands.
  let all: readonly string[] | undefined;
  return (name) => {
    all ??= complete();
    return {
      meant: all.length > MOST_IN_LINE ? null : meantBy(name),
      fix:
        all.length > MOST_IN_LINE
          ? `add ${quote(name)} to the list in the annotation ${GPU_RESOURCE_TYPES}${where}, GPU types first`
          : `add the annotation ${GPU_RESOURCE_TYPES}${where}: '${JSON.stringify(all.map(visible))}'`,
      short: `add ${quote(name)} to the annotation ${GPU_RESOURCE_TYPES}${where}`,
    };
  };
}

export function unknownName(field: string, name: string, advice: Advice): Report {
  const { fix, short, meant } = advice(name);
  if (meant !== null) return misspelt(field, name, meant);
  const quoted = quote(name);
  return {
    severity: 'deny',
    field,
    message: `KServe knows no resource ${quoted}: it is neither a standard one nor a GPU type`,
    fix: `correct the name (${ALL_KNOWN}), or ${fix}`,
    short: `unknown resource ${quoted}: correct the name or ${short}`,
  };
}

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

function misspelt(field: string, name: string, meant: string): Report {
  return {
    severity: 'deny',
    field,
    message: `KServe knows no resource ${quote(name)}: it is neither a standard one nor a GPU type`,
    fix: `write ${meant} in place of ${quote(name)}`,
    short: `unknown resource ${quote(name)}: write ${meant}`,
  };
}

export function unlistedNetwork(field: string, name: string, advice: Advice): Report {
  const { fix, short } = advice(name);
  return {
    severity: 'deny',
    field,
    message: `${quote(name)} is no GPU, and KServe's validator refuses it unless it is listed as one`,
    fix,
    short: `KServe's validator refuses ${quote(name)}: ${short}`,
  };
}
