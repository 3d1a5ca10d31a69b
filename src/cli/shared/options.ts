/** Options that several commands have, and what their help pages say alike. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_RELEASE, RELEASE_NAMES } from '../../kserve/releases.ts';

/** A command with its options, to which it adds what else it has. */
export function commandWith(name: string, summary: string, options: readonly Option[]): Command {
  const command = new Command(name).description(summary);
  for (const option of options) command.addOption(option);
  return command;
}

/** May be given more than once. (commander's variadic options would take the files that follow.) */
export class Repeatable extends Option {
  constructor(flags: string, text: string) {
    super(flags, `${text} (repeatable)`);
    this.argParser(collect);
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** -o, for documents that may each go to a file. */
export function outputs(formats: readonly string[]): Option {
  const option = new Repeatable(
    '-o, --output <FORMAT>',
    'format, text by default; FORMAT=FILE writes it to a file',
  );
  return option.choices(formats).argParser((value: string, before?: readonly string[]) => {
    if (formats.includes(value.split('=', 1)[0] ?? '')) return collect(value, before);
    throw new InvalidArgumentError(`Allowed choices are ${formats.join(', ')}.`);
  });
}

export const CONFIG = new Option(
  '--config <FILE>',
  'configuration (kind HeadcountConfig); defaults without it',
);
export const KSERVE_VERSION = new Option(
  '--kserve-version <VERSION>',
  `release of KServe to plan for: ${RELEASE_NAMES.join(', ')}, or auto: the cluster's, else ${DEFAULT_RELEASE.name}`,
);
export const CATALOG = new Repeatable(
  '--catalog <PATH>',
  'file or directory with runtimes, PVCs and the like: what the cluster holds',
);
export const FIT = new Option('--fit', 'is there room for the pods, now and at the peak of a roll-out?');
/** What --fit does and takes, for the help pages. */
export const FIT_DETAILS = `--fit places the pods on nodes, one service after the other. It is a forecast: a plan that does not fit, or may not, is at most a warning.
It lists the cluster's nodes, pods and resourcequotas, which takes those rights; nothing else reads them.`;
export const STRICT = new Option('--strict', 'warnings count as findings too: exit code 1');

/** Which cluster is asked. */
export const KUBECONFIG = [
  new Option('--kubeconfig <FILE>', 'kubeconfig of the cluster; $KUBECONFIG or ~/.kube/config without it'),
  new Option('--context <NAME>', 'context of the kubeconfig'),
].map(inGroup('Cluster:'));
export const CONNECTION = [
  ...KUBECONFIG,
  new Option('--kserve-namespace <NAME>', "namespace of KServe's ConfigMap (kserve)").helpGroup('Cluster:'),
];
/** For commands that need no cluster. */
export const CLUSTER = [
  new Option('--cluster', 'ask the current cluster for runtimes, PVCs and the like').helpGroup('Cluster:'),
  ...CONNECTION,
];

export const MODEL = [
  new Option(
    '--model-config <FILE>',
    'config.json (Hugging Face) of the model that is served: can vLLM split it so?',
  ),
  new Option('--gpu-memory <SIZE>', 'memory of a GPU, such as 80Gi: do the weights fit?'),
].map(inGroup('Model:'));

function inGroup(heading: string): (option: Option) => Option {
  return (option) => option.helpGroup(heading);
}

/** @param what the namespace is for */
export function namespace(what: string): Option {
  return new Option('-n, --namespace <NAME>', what);
}

/** What manifests are judged against: for the commands that judge files. */
export const AGAINST = [CATALOG, ...CLUSTER, CONFIG, KSERVE_VERSION];

export const INPUT = `FILE is a manifest, a directory (searched for *.yaml, *.yml and *.json), or - for standard input.
Runtimes, PVCs, Namespaces and KServe's ConfigMap inferenceservice-config in it are used; other kinds are
skipped and counted, but for a misspelt kind of KServe, which is denied. Without a runtime among them and without --catalog, an unknown runtime is planned as
on the built-in equivalent of the guide's default, and claims are not checked. A file that can't be read is
reported with its place, and the others are judged all the same. Patches that a kustomization names are skipped.
What --config says of enforcement and of namespaces counts as in the cluster; labels are those of the Namespaces that are given.`;

export const EXIT = `Exit code: 0 fine, 1 something is denied (with --strict also warned about), 2 wrong use or unreadable input.`;
