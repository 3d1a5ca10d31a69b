/** --kserve-version, and what the output says of the release that is planned for. */
import { releaseFor } from '../../admission/facts.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import {
  releaseOf,
  tooOld,
  type Installed,
  type KServeVersion,
  type ReleaseInForce,
} from '../../kserve/installed.ts';
import { RELEASE_NAMES, type Release } from '../../kserve/releases.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Arguments } from './args.ts';
import { Refusal, UsageError } from './refusal.ts';

/**
 * @returns the release that is stated on the command line, null where none is
 * @throws Refusal for one that is not planned for
 */
export function statedVersion(given: Arguments): KServeVersion | null {
  const text = given.text('kserve-version');
  if (text === null || text === 'auto') return text;
  const stated = releaseOf(text);
  if (stated.status === 'known') return stated.release.name;
  const known = `one of auto, ${RELEASE_NAMES.join(', ')}`;
  if (stated.status === 'too-old')
    throw new Refusal(`${tooOld(stated.version)}; --kserve-version is ${known}`);
  throw new UsageError(`--kserve-version ${text}: ${known}`);
}

/** @returns the configuration, with the release that is stated on the command line */
export function withVersion(config: Config, version: KServeVersion | null): Config {
  return version === null ? config : { ...config, kserve: { version } };
}

/**
 * @returns the release that is planned for
 * @throws Refusal where the cluster runs one that is not planned for
 */
export async function releaseInUse(cluster: Cluster, config: Config): Promise<ReleaseInForce> {
  refuseTooOld(await cluster.installed(), config);
  return releaseFor(cluster, config);
}

/** @throws Refusal where the cluster is to say which release it is, and it is too old */
export function refuseTooOld(installed: Installed, { kserve }: Config): void {
  if (kserve.version === 'auto' && installed.status === 'too-old')
    throw new Refusal(tooOld(installed.version));
}

/** @returns one line */
export function releaseText({ release, from, why }: ReleaseInForce): string {
  const line = `planned for ${titleOf(release)}`;
  if (from === 'cluster') return `${line}, as the cluster has it`;
  return from === 'configuration' ? line : visibleLine(`${line} by default: ${why}`);
}

function titleOf({ name, minor }: Release): string {
  return name === 'odh' ? `odh, as KServe 0.${minor}` : `KServe ${name}`;
}
