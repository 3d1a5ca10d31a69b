/**
 * Which release of KServe to plan for. It comes from a version that the user states, from the Deployment of KServe's
 * controller, or from the configuration (docs/kserve.md, Releases).
 */
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import {
  DEFAULT_RELEASE,
  fork,
  OLDEST,
  releaseNamed,
  upstream,
  type Release,
  type ReleaseName,
} from './releases.ts';

/** What the configuration may state; auto asks the cluster. */
export type KServeVersion = 'auto' | ReleaseName;

/** The Deployment of KServe's controller. */
export const CONTROLLER = 'kserve-controller-manager';
/** Its container, beside which there may be a proxy. */
const MANAGER = 'manager';
const VERSION_LABEL = 'app.kubernetes.io/version';
/** What Red Hat calls the images and labels of its fork. */
const FORK_IMAGE = /opendatahub|\bodh-|rhoai|rhods/;
const FORK_LABEL = 'app.opendatahub.io/';

/** What is known of the release that runs in a cluster. */
export type Installed =
  | { readonly status: 'known'; readonly release: Release }
  /** Its arithmetic is not known. */
  | { readonly status: 'too-old'; readonly version: string }
  /** unknown: the Deployment names no known release; unread: it could not be read. `why` is one line. */
  | { readonly status: 'unknown' | 'unread'; readonly why: string };

interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly isTooOld: boolean;
}

const VERSION = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+][\w.+-]*)?$/;

function readVersion(text: string): Version | null {
  const [, major, minor, patch] = VERSION.exec(text) ?? [];
  if (major === undefined || minor === undefined) return null;
  const numbers = [Number(major), Number(minor), Number(patch ?? Number.MAX_SAFE_INTEGER)];
  return {
    text: text.replace(/^v/, ''),
    major: Number(major),
    minor: Number(minor),
    isTooOld: isBefore(numbers, OLDEST.split('.').map(Number)),
  };
}

function isBefore(numbers: readonly number[], others: readonly number[]): boolean {
  const differs = numbers.findIndex((number, index) => number !== others[index]);
  return differs !== -1 && (numbers[differs] ?? 0) < (others[differs] ?? 0);
}

/** @param text such as `0.19`, `v0.19.0` or `odh`; without a patch the newest one is meant */
export function releaseOf(text: string): Installed {
  if (text === 'odh') return { status: 'known', release: releaseNamed(text) };
  const version = readVersion(text);
  return version === null
    ? { status: 'unknown', why: `${text} is no version of KServe` }
    : ofUpstream(version);
}

function ofUpstream({ text, major, minor, isTooOld }: Version): Installed {
  if (isTooOld) return { status: 'too-old', version: text };
  const release = major === 0 ? upstream(minor) : null;
  return release === null
    ? { status: 'unknown', why: `KServe ${text} is not known to headcount` }
    : { status: 'known', release };
}

/**
 * Reads the release off the Deployment of KServe's controller: the tag of its image says what runs, and its version
 * label counts where the tag is no version.
 */
export function readController(deployment: unknown): Installed {
  const labels = asObject(at(deployment, 'metadata', 'labels')) ?? {};
  const image = imageOf(deployment);
  const tag = /:([^:/@]+)(?:@[^@]*)?$/.exec(image)?.[1] ?? '';
  const version = readVersion(tag) ?? readVersion(asString(property(labels, VERSION_LABEL)) ?? '');
  if (FORK_IMAGE.test(image) || Object.keys(labels).some((key) => key.startsWith(FORK_LABEL))) {
    // Red Hat numbers its own releases from 1 on, so a version below 1 is KServe's.
    return { status: 'known', release: fork(version?.major === 0 ? version : null) };
  }
  if (version !== null) return ofUpstream(version);
  return { status: 'unknown', why: `neither image nor label of Deployment ${CONTROLLER} states a version` };
}

function imageOf(deployment: unknown): string {
  const containers = asList(at(deployment, 'spec', 'template', 'spec', 'containers'));
  const manager = containers.find((container) => property(container, 'name') === MANAGER) ?? containers[0];
  return asString(property(manager, 'image')) ?? '';
}

/** The release that is planned for. */
export interface ReleaseInForce {
  readonly release: Release;
  readonly from: 'configuration' | 'cluster' | 'default';
  /** Why the default is used although the cluster was asked; null otherwise. */
  readonly why: string | null;
}

/** @param installed what is known of the cluster; it counts for `auto`, and for the version of the fork */
export function releaseInForce(version: KServeVersion, installed: Installed): ReleaseInForce {
  const isKnown = installed.status === 'known';
  if (version !== 'auto') {
    const isSame = version === 'odh' && isKnown && installed.release.name === 'odh';
    return { release: isSame ? installed.release : releaseNamed(version), from: 'configuration', why: null };
  }
  if (isKnown) return { release: installed.release, from: 'cluster', why: null };
  const why = installed.status === 'too-old' ? tooOld(installed.version) : installed.why;
  return { release: DEFAULT_RELEASE, from: 'default', why };
}

/** One line about a release that is not planned for. */
export function tooOld(version: string): string {
  return `KServe ${version} is older than ${OLDEST}, and how it plans is not known to headcount`;
}
