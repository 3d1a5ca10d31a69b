/** What plan, lint, review and serve start from: the configuration, the manifests and the catalogue. */
import { Catalogue, partOf, type Extent } from '../../cluster/catalogue.ts';
import type { Cluster, ReducedObject } from '../../cluster/cluster.ts';
import type { Api } from '../../cluster/api.ts';
import type { ConfigFile } from '../../config/file.ts';
import { DEFAULTS, type Config } from '../../config/config.ts';
import { withCurrentExceptions } from '../../config/exceptions.ts';
import type { Installed, ReleaseInForce } from '../../kserve/installed.ts';
import type { Finding, Severity } from '../../rules/rule.ts';
import type { Arguments } from './args.ts';
import { causeOf } from './files.ts';
import { eachObject, readInput, type Input } from './input.ts';
import { extentOf, type Item } from './items.ts';
import { modelOf } from './model.ts';
import { Refusal } from './refusal.ts';
import { releaseInUse, statedVersion, withVersion } from './release.ts';
import type { Streams } from './streams.ts';
import type { UnreadableFile } from './unreadable.ts';

export interface Session {
  readonly config: Config;
  readonly input: Input;
  readonly services: readonly Item[];
  readonly cluster: Cluster;
  /** The release of KServe that is planned for. */
  readonly release: ReleaseInForce;
  /** Of the input and of --catalog. */
  readonly unreadable: readonly UnreadableFile[];
}

/** @throws Refusal */
export async function openSession(given: Arguments, { stdin }: Streams): Promise<Session> {
  const config = await configFor(given, { stdin });
  const input = await readInput(given.files, stdin);
  const { cluster, unreadable } = await surroundingsOf(given, input.items, input.unreadable);
  return {
    config,
    input,
    services: input.items.filter(({ part }) => part === 'service'),
    cluster,
    release: await releaseInUse(cluster, config),
    unreadable: eachOnce([...input.unreadable, ...unreadable]),
  };
}

/**
 * The configuration, and the model where one is given.
 * @throws Refusal
 */
export async function configFor(given: Arguments, { stdin }: Pick<Streams, 'stdin'>): Promise<Config> {
  const model = await modelOf(given, stdin);
  return { ...(await configOf(given)), ...(model && { model }) };
}

/** @throws Refusal for a file that can't be read, or a configuration that is refused */
export async function configOf(given: Arguments): Promise<Config> {
  const version = statedVersion(given);
  const config = (await configFileOf(given))?.current() ?? DEFAULTS;
  return withVersion(withCurrentExceptions(config, Date.now()), version);
}

/**
 * @returns null where no file is given
 * @throws Refusal for a file that can't be read, or a configuration that is refused
 */
export async function configFileOf(given: Arguments): Promise<ConfigFile | null> {
  const path = given.text('config');
  if (path === null) return null;
  if (path === '-') throw new Refusal('--config takes a file, not standard input');
  // The schema's compiler is only loaded for those who have a configuration.
  const [{ configFile }, { ConfigError }, { RULE_IDS }] = await Promise.all([
    import('../../config/file.ts'),
    import('../../config/load.ts'),
    import('../../rules/index.ts'),
  ]);
  try {
    return await configFile(path, RULE_IDS);
  } catch (error) {
    throw error instanceof ConfigError
      ? new Refusal(error.message)
      : new Refusal(`cannot read ${path}: ${causeOf(error)}`);
  }
}

/** The cluster that services are judged against, and the files of --catalog that can't be read. */
export interface Surroundings {
  readonly cluster: Cluster;
  readonly unreadable: readonly UnreadableFile[];
}

/**
 * The cluster that services are judged against: the other objects of the input first, then --catalog, then a live
 * cluster if one of its options is given.
 * @param unreadable files of the input: their contents are not known, so no object is reported as missing
 * @param onReduced told of each runtime of the input or --catalog that is too long to be held whole
 */
export async function surroundingsOf(
  given: Arguments,
  items: readonly Pick<Item, 'object' | 'part'>[],
  unreadable: readonly UnreadableFile[] = [],
  onReduced: (runtime: ReducedObject) => void = () => {},
): Promise<Surroundings> {
  const paths = catalogOf(given);
  const asked = asksCluster(given);
  const extent: Extent = asked ? 'partial' : extentOf(items, paths.length > 0);
  const catalogue = new Catalogue(extent, onReduced);
  // Copied, because V8 keeps a whole text in memory while any part of it is in use. Runtimes are not kept as objects.
  const inCatalogue = await eachObject(paths, (object) => {
    const part = partOf(object);
    if (part === null || part === 'stock') return;
    catalogue.add(part === 'runtime' ? object : structuredClone(object));
  });
  for (const { object } of items) catalogue.add(object);
  if (unreadable.length + inCatalogue.length > 0) catalogue.lacksFiles();
  if (!asked) return { cluster: catalogue, unreadable: inCatalogue };
  const [{ layered }, { LiveCluster, liveInstalled, liveKServeConfig }] = await Promise.all([
    import('../../cluster/layered.ts'),
    import('../../cluster/live.ts'),
  ]);
  const api = await apiOf(given);
  const kserveNamespace = kserveNamespaceOf(given);
  // Once: it does not change while a command runs.
  let installed: Promise<Installed> | undefined;
  const live = new LiveCluster(api, {
    kserve: () => liveKServeConfig(api, kserveNamespace),
    installed: () => (installed ??= liveInstalled(api, kserveNamespace)),
  });
  return { cluster: layered(catalogue, live), unreadable: inCatalogue };
}

/**
 * The paths of --catalog.
 * @throws Refusal
 */
export function catalogOf(given: Arguments): readonly string[] {
  const paths = given.all('catalog');
  if (paths.includes('-')) throw new Refusal('--catalog takes files and directories, not standard input');
  return paths;
}

/** Is a live cluster to be asked? Each option that says which one asks for it. */
export function asksCluster(given: Arguments): boolean {
  return given.has('cluster') || given.text('context') !== null || given.text('kubeconfig') !== null;
}

/** A file may be given twice, as in `lint DIR --catalog DIR`. */
export function eachOnce(unreadable: readonly UnreadableFile[]): readonly UnreadableFile[] {
  return [...new Map(unreadable.map((one) => [one.file, one])).values()];
}

/**
 * As surroundingsOf, for commands that need every file of the catalogue.
 * @throws Refusal
 */
export async function clusterOf(
  given: Arguments,
  onReduced?: (runtime: ReducedObject) => void,
): Promise<Cluster> {
  const { cluster, unreadable } = await surroundingsOf(given, [], [], onReduced);
  const [first] = unreadable;
  if (first !== undefined) throw first;
  return cluster;
}

/**
 * @param deadline milliseconds that a review may take, for a server
 * @throws Refusal where there is no cluster to be reached by the given options
 */
export async function apiOf(given: Arguments, deadline?: number): Promise<Api> {
  // Loaded only for those who ask for a cluster: the client is larger than everything else together.
  const { connect, KubeconfigError } = await import('../../cluster/kube.ts');
  const kubeconfig = given.text('kubeconfig');
  const context = given.text('context');
  try {
    return connect({
      ...(kubeconfig !== null && { kubeconfig }),
      ...(context !== null && { context }),
      ...(deadline !== undefined && { deadline }),
    });
  } catch (error) {
    throw error instanceof KubeconfigError ? new Refusal(error.message) : error;
  }
}

/** Where KServe's own ConfigMap is. */
export function kserveNamespaceOf(given: Arguments): string {
  return given.text('kserve-namespace') ?? 'kserve';
}

/** @returns what an error line calls the input. */
export function sourceOf({ files }: Arguments): string {
  return files.map((file) => (file === '-' ? 'standard input' : file)).join(', ');
}

/** @returns the severities that make the exit code 1. */
export function failing(given: Arguments): readonly Severity[] {
  return given.has('strict') ? ['deny', 'warn'] : ['deny'];
}

/** @returns the exit code: 1 where something is denied, or with --strict warned about. */
export function exitCode(findings: readonly Finding[], given: Arguments): number {
  return findings.some(({ severity }) => failing(given).includes(severity)) ? 1 : 0;
}
