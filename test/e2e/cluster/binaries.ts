/**
 * The programs of a real cluster (kube-apiserver, etcd, kube-scheduler, kubectl, helm, promtool, Flux's engine, KServe's
 * manager), built from their Go modules, since that is all a machine behind a module proxy can get. Each folder of
 * binaries/ is a Go module that pins one of them; what is built lands in a cache outside the checkout, under a key made
 * of go.mod and go.sum.
 *
 * KUBEBUILDER_ASSETS, the folder that Kubernetes' own test tools use, is taken first where it is set.
 *
 * Run by itself it builds all that is missing: node test/e2e/cluster/binaries.ts
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, kept } from './build.ts';

const MODULES = join(import.meta.dirname, 'binaries');

/** Kubernetes minor versions that the suite runs on; the first is the one meant where none is named. */
export const VERSIONS = ['1.36', '1.34'] as const;
export type Version = (typeof VERSIONS)[number];

/** Paths of the programs. */
export interface Binaries {
  readonly apiServer: string;
  readonly etcd: string;
  readonly kubectl: string;
}

/**
 * @returns the programs of one Kubernetes version, built now if they are not in the cache
 * @throws when Go is missing or a build fails; KUBEBUILDER_ASSETS without a program in it is an error too
 */
export function binaries(version: Version = VERSIONS[0]): Binaries {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets && version === VERSIONS[0]) return inFolder(assets, assets);
  return inFolder(
    built(`kubernetes-${version}`, ['kube-apiserver', 'kubectl'], (name) => `k8s.io/kubernetes/cmd/${name}`),
    built('etcd', ['etcd'], () => 'go.etcd.io/etcd/server/v3'),
  );
}

/**
 * @returns the path of kube-scheduler, built now if it is not in the cache: apart from the API server, whose module it
 *   comes from, since only the forecast's tests need it
 * @throws when Go is missing or the build fails
 */
export function scheduler(version: Version = VERSIONS[0]): string {
  const packageOf = (name: string): string => `k8s.io/kubernetes/cmd/${name}`;
  const folder = built(`kubernetes-${version}`, ['kube-scheduler'], packageOf, {
    place: `kube-scheduler-${version}`,
  });
  return join(folder, 'kube-scheduler');
}

/**
 * @returns the path of helm, built now if it is not in the cache: apart, since only the chart's tests need it
 * @throws when Go is missing or the build fails
 */
export function helm(): string {
  return join(
    built('helm', ['helm'], () => 'helm.sh/helm/v4/cmd/helm'),
    'helm',
  );
}

/**
 * @returns the path of Prometheus' promtool, built now if it is not in the cache
 * @throws when Go is missing or the build fails
 */
export function promtool(): string {
  return join(
    built('promtool', ['promtool'], () => 'github.com/prometheus/prometheus/cmd/promtool'),
    'promtool',
  );
}

/**
 * @returns the path of actionlint, built now if it is not in the cache
 * @throws when Go is missing or the build fails
 */
export function actionlint(): string {
  return join(
    built('actionlint', ['actionlint'], () => 'github.com/rhysd/actionlint/cmd/actionlint'),
    'actionlint',
  );
}

/**
 * @returns the path of krew, which installs plugins of kubectl, built now if it is not in the cache
 * @throws when Go is missing or the build fails
 */
export function krew(): string {
  return join(
    built('krew', ['krew'], () => 'sigs.k8s.io/krew/cmd/krew'),
    'krew',
  );
}

const REPORTS: readonly Beside[] = [
  { module: 'github.com/openreports/reports-api', paths: ['config/crd/openreports.io_reports.yaml'] },
  {
    module: 'sigs.k8s.io/wg-policy-prototypes',
    paths: ['policy-report/crd/v1alpha2/wgpolicyk8s.io_policyreports.yaml'],
  },
];

/**
 * @returns the paths of the CustomResourceDefinitions of policy reports: OpenReports' and the policy working group's
 * @throws when Go is missing or a module can't be had
 */
export function reportCrds(): readonly string[] {
  const folder = built('policy-reports', [], (name) => name, { beside: REPORTS });
  return REPORTS.flatMap(({ paths }) => paths.map((path) => join(folder, basename(path))));
}

/** KServe's manager and what its release installs beside it. */
export interface KServeInstallation {
  readonly manager: string;
  /** Its CustomResourceDefinitions, without those of LLMInferenceService and of local models. */
  readonly crds: readonly string[];
  /** The default multi-node runtime. */
  readonly runtime: string;
  /** The ConfigMap inferenceservice-config. */
  readonly configMap: string;
}

const KSERVE = {
  crds: [
    'config/crd/full/clusterstoragecontainer/serving.kserve.io_clusterstoragecontainers.yaml',
    'config/crd/full/serving.kserve.io_clusterservingruntimes.yaml',
    'config/crd/full/serving.kserve.io_inferencegraphs.yaml',
    'config/crd/full/serving.kserve.io_inferenceservices.yaml',
    'config/crd/full/serving.kserve.io_servingruntimes.yaml',
    'config/crd/full/serving.kserve.io_trainedmodels.yaml',
  ],
  runtime: 'config/runtimes/kserve-huggingfaceserver-multinode.yaml',
  configMap: 'config/configmap/inferenceservice.yaml',
} as const;

/**
 * @returns the files of KServe's release that binaries/kserve-manager pins, built now if they are not in the cache
 * @throws when Go is missing or the build fails
 */
export function kserve(): KServeInstallation {
  const folder = built('kserve-manager', ['manager'], (name) => `github.com/kserve/kserve/cmd/${name}`, {
    beside: [
      { module: 'github.com/kserve/kserve', paths: [...KSERVE.crds, KSERVE.runtime, KSERVE.configMap] },
    ],
  });
  const copied = (path: string): string => join(folder, basename(path));
  return {
    manager: join(folder, 'manager'),
    crds: KSERVE.crds.map(copied),
    runtime: copied(KSERVE.runtime),
    configMap: copied(KSERVE.configMap),
  };
}

/** Files of a Go module that are kept beside its programs, since Go's module cache may be gone when they are used. */
interface Beside {
  readonly module: string;
  readonly paths: readonly string[];
}

function copyBeside({ module, paths }: Beside, source: string, target: string): void {
  const download = spawnSync('go', ['mod', 'download', '-json', module], { cwd: source, encoding: 'utf8' });
  if (download.error) throw new Error(`go can't be run: ${download.error.message}`);
  if (download.status !== 0)
    throw new Error(`go mod download of ${module}: ${download.stdout}${download.stderr}`);
  const { Dir: folder } = JSON.parse(download.stdout) as { readonly Dir: string };
  for (const path of paths) copyFileSync(join(folder, path), join(target, basename(path)));
}

const JUDGE = join(import.meta.dirname, '../../oracle/kserve');

/** KServe's releases that have a judge in test/oracle/kserve; CI builds those of `JUDGED_ALWAYS`. */
export const KSERVE_RELEASES = ['0.15.2', '0.16.0', '0.17.0', '0.19.0', '0.20.0'] as const;
export type KServeRelease = (typeof KSERVE_RELEASES)[number];
const JUDGED_ALWAYS: readonly KServeRelease[] = ['0.19.0', '0.20.0'];

/**
 * @returns the program that asks the packages of one release of KServe, built now if it is not in the cache, and the
 * ConfigMap that this release ships
 * @throws when Go is missing or the build fails
 */
export function judgeBinary(release: KServeRelease): { program: string; configMap: string } {
  const sources = readdirSync(JUDGE).filter((name) => name.endsWith('.go'));
  const files = [`${release}/go.mod`, `${release}/go.sum`, ...sources].map((name) => join(JUDGE, name));
  const [major, minor] = release.split('.');
  const folder = kept(
    `kserve-judge-${release}`,
    files.map((path) => readFileSync(path, 'utf8')),
    (work) => {
      const module = `-modfile=${release}/go.mod`;
      const tag = `-tags=kserve_${major}_${minor}`;
      build(`judge (KServe ${release})`, JUDGE, [
        module,
        tag,
        '-ldflags=-s -w',
        '-o',
        join(work, 'judge'),
        '.',
      ]);
      const list = ['list', module, '-m', '-f', '{{.Dir}}', 'github.com/kserve/kserve'];
      const { stdout } = spawnSync('go', list, { cwd: JUDGE, encoding: 'utf8' });
      const configMap = join(stdout.trim(), 'config/configmap/inferenceservice.yaml');
      copyFileSync(configMap, join(work, 'inferenceservice.yaml'));
    },
  );
  return { program: join(folder, 'judge'), configMap: join(folder, 'inferenceservice.yaml') };
}

const FLUX = join(import.meta.dirname, '../../flux');

/**
 * @returns the program of test/flux, which applies and compares by Flux's own module, built now if it is not in the cache
 * @throws when Go is missing or the build fails
 */
export function flux(): string {
  const parts = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(join(FLUX, name), 'utf8'));
  const folder = kept('flux', parts, (work) =>
    build('flux', FLUX, ['-ldflags=-s -w', '-o', join(work, 'flux'), '.']),
  );
  return join(folder, 'flux');
}

function inFolder(kubernetes: string, etcd: string): Binaries {
  const found = {
    apiServer: join(kubernetes, 'kube-apiserver'),
    etcd: join(etcd, 'etcd'),
    kubectl: join(kubernetes, 'kubectl'),
  };
  for (const path of Object.values(found)) {
    if (!existsSync(path)) throw new Error(`${path} is missing`);
  }
  return found;
}

/**
 * @param place the folder's name in the cache, where one module gives more than one folder
 * @returns the folder that holds the programs of a module, and the files beside them
 */
function built(
  module: string,
  names: readonly string[],
  packageOf: (name: string) => string,
  { beside = [], place = module }: { readonly beside?: readonly Beside[]; readonly place?: string } = {},
): string {
  const source = join(MODULES, module);
  const mod = readFileSync(join(source, 'go.mod'), 'utf8');
  const flags = linkerFlags(mod);
  return kept(
    place,
    [mod, readFileSync(join(source, 'go.sum'), 'utf8'), flags, beside.flatMap(({ paths }) => paths).join()],
    (work) => {
      for (const name of names) {
        build(`${name} (${module})`, source, [
          `-ldflags=-s -w ${flags}`,
          '-o',
          join(work, name),
          packageOf(name),
        ]);
      }
      for (const files of beside) copyBeside(files, source, work);
    },
  );
}

/** A kube-apiserver that was built without a version calls itself v0.0.0, which kubectl refuses to talk to. */
function linkerFlags(mod: string): string {
  const [, version, major, minor] = /^\s*k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/m.exec(mod) ?? [];
  if (version === undefined) return '';
  const at = 'k8s.io/component-base/version';
  return `-X ${at}.gitVersion=${version} -X ${at}.gitMajor=${major} -X ${at}.gitMinor=${minor}`;
}

if (process.argv[1] === import.meta.filename) {
  for (const version of VERSIONS) console.log(binaries(version));
  console.log(scheduler());
  console.log(helm());
  console.log(promtool());
  console.log(actionlint());
  console.log(krew());
  console.log(reportCrds());
  console.log(flux());
  console.log(kserve().manager);
  for (const release of JUDGED_ALWAYS) console.log(judgeBinary(release).program);
}
