/** Resource names that KServe's validator refuses, and how to get them past it. For gpu-resource. */
import { isNeverGpu, KNOWN_GPU_TYPES } from '../../kserve/gpus.ts';
import type { ResourceKind, ResourceNames } from '../../kserve/resource-names.ts';
import { GPU_RESOURCE_TYPES } from '../../kserve/annotations.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** With more names the line would be too long to paste. */
const MOST_IN_LINE = 8;

/** How to get a name past KServe's validator. */
export type Advice = (name: string) => { readonly fix: string; readonly short: string };

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
      fix:
        all.length > MOST_IN_LINE
          ? `add ${quote(name)} to the list in the annotation ${GPU_RESOURCE_TYPES}${where}, GPU types first`
          : `add the annotation ${GPU_RESOURCE_TYPES}${where}: '${JSON.stringify(all.map(visible))}'`,
      short: `add ${quote(name)} to the annotation ${GPU_RESOURCE_TYPES}${where}`,
    };
  };
}

export function unknownName(field: string, name: string, advice: Advice): Report {
  const { fix, short } = advice(name);
  return {
    severity: 'deny',
    field,
    message: `KServe knows no resource ${quote(name)}: it is neither a standard one nor a GPU type`,
    fix: `correct the name (${KNOWN_GPU_TYPES.join(', ')}), or ${fix}`,
    short: `unknown resource ${quote(name)}: correct the name or ${short}`,
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
