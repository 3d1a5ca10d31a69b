/**
 * The releases of KServe that headcount knows, and the differences between them, in one table. The planner, the rules,
 * the mutation and the README's matrix use it (docs/kserve.md, Releases). installed.ts finds the installed release.
 */

interface Difference {
  /** The minor version of KServe 0.x that has it first. */
  readonly since: number;
  readonly what: string;
  /** What it changes for a plan or a verdict; '' where `what` says it. */
  readonly effect: string;
  /** Functions of KServe, or an issue. */
  readonly source: string;
}

/** In the order of the releases. */
export const DIFFERENCES = {
  rayArithmetic: {
    since: 15,
    what: 'the Ray arithmetic above, RAY_NODE_COUNT',
    effect: '0.15.0 has another one',
    source: '`computeRayNodeAndGPUs`',
  },
  autoscalerNone: {
    since: 15,
    what: 'autoscalerClass `none`',
    effect: '0.15.0 wants `external` and refuses `none`',
    source: '`inference_service_validation.go`; kserve/kserve#4784',
  },
  standardMode: {
    since: 16,
    what: 'the mode `Standard`',
    effect: "0.15 knows RawDeployment only; `Standard` there means the cluster's default mode",
    source: '`GetDeploymentMode`, `utils.go`',
  },
  oci: {
    since: 16,
    what: '`oci://` for multi-node',
    effect: '',
    source: '`validateMultiNodeVariables`, `inference_service_validation.go`',
  },
  disableAutoUpdate: {
    since: 16,
    what: 'disable-auto-update',
    effect: '',
    source: '`Reconcile`, `controller.go`',
  },
  serviceNameEnv: {
    since: 17,
    what: 'INFERENCE_SERVICE_NAME, schedulerName of the runtime',
    effect: '',
    source: '`Reconcile`; `MergePodSpec`, `utils.go`',
  },
  mp: {
    since: 18,
    what: 'the mp back end',
    effect: 'before, the annotation is not read: Ray arithmetic',
    source: '`multiNodeProcess`; kserve/kserve#5366',
  },
  sizesInWorkerEnv: {
    since: 18,
    what: "the two sizes in the worker's env",
    effect: '',
    source: '`multiNodeProcess`',
  },
  workersService: {
    since: 18,
    what: "WORKER_SVC and the workers' Service",
    effect: '',
    source: '`multiNodeProcess`; `service_reconciler.go`',
  },
  refusesPythonPath: {
    since: 18,
    what: 'PYTHONPATH refused',
    effect: '',
    source: '`inference_service_validation.go`, `servingruntime_webhook.go`',
  },
  letsDeletionThrough: {
    since: 19,
    what: 'objects under deletion are not checked',
    effect: '',
    source: '`inference_service_validation.go`',
  },
  oldModeInStatus: {
    since: 19,
    what: 'a status of the mode RawDeployment, from 0.15, counts as Standard',
    effect: '0.16 to 0.18 refuse Standard for such a service, and take it for one in Knative mode',
    source: '`GetDeploymentMode`, `validateDeploymentMode`',
  },
  imageByServerType: {
    since: 20,
    what: "`-gpu` by server-type; `-cpu` in the image's name of vLLM's server without GPUs",
    effect: '',
    source: '`UpdateImageTag`',
  },
  vllmMeansV2: {
    since: 20,
    what: 'format `vLLM` without a protocol means v2',
    effect: 'a runtime with v1 only does not match',
    source: '`inference_service_defaults.go`',
  },
  predictorNameInNames: {
    since: 20,
    what: '`predictor.name` in names',
    effect: 'see [Derived names](#derived-names)',
    source: '`constants.go`',
  },
  serviceEnvWins: {
    since: 20,
    what: 'env with `value` on one side and `valueFrom` on the other',
    effect: "the service's side wins; before, both stay, and the Deployment is refused",
    source: '`reconcileEnvValueConflicts`, `container_merge.go`',
  },
  canaryPredictors: {
    since: 20,
    what: '`spec.canary`',
    effect: 'KServe refuses a workerSpec inside it',
    source: '`inference_service_validation.go`',
  },
  deletesWorkers: {
    since: 20,
    what: 'deletion of the worker Deployment',
    effect: 'no plan stands; see [Upstream faults](#upstream-faults)',
    source: '`reconcileCanaryDeployments`; kserve/kserve#6113',
  },
} as const satisfies Readonly<Record<string, Difference>>;

/** Something that KServe has from one release on. */
export type Feature = keyof typeof DIFFERENCES;

export const RELEASE_NAMES = ['0.15', '0.16', '0.17', '0.18', '0.19', '0.20', 'odh'] as const;
export type ReleaseName = (typeof RELEASE_NAMES)[number];

export interface Release {
  /** `odh` is Red Hat's fork; the others are KServe's, each with all its patches (0.15 from 0.15.1 on). */
  readonly name: ReleaseName;
  /** The minor version of KServe 0.x whose behaviour it has. */
  readonly minor: number;
  /** The autoscaler classes that it takes for multi-node; the first is written where none is stated. */
  readonly autoscalerClasses: readonly string[];
}

/** The oldest release whose arithmetic is known: 0.15.0 has another. */
export const OLDEST = '0.15.1';
const OLDEST_MINOR = 15;
/** What the fork is planned as while its controller's version is not known. */
const FORK_MINOR = 17;

const JUDGED = 'its packages, on random services (`npm run test:e2e -- e2e/judge`)';
/** How each release has been tested: a column of the README's matrix. */
export const TESTED: Readonly<Record<ReleaseName, string>> = {
  '0.15': JUDGED,
  '0.16': JUDGED,
  '0.17': JUDGED,
  '0.18': 'unit tests; its packages are not on the Go module proxy',
  '0.19': `${JUDGED}; its controller, live`,
  '0.20': JUDGED,
  odh: 'unit tests',
};

const UPSTREAM: readonly Release[] = RELEASE_NAMES.filter((name) => name !== 'odh').map((name) => ({
  name,
  minor: Number(name.slice('0.'.length)),
  autoscalerClasses: ['none'],
}));

/** @returns KServe's release of a minor version; null for one that is not known. */
export function upstream(minor: number): Release | null {
  return UPSTREAM.find((release) => release.minor === minor) ?? null;
}

/**
 * Red Hat's fork. Before 0.15.1 it wants `external`; while its version is not known, both classes are taken.
 * @param controller version of its controller; null where that is not known
 */
export function fork(controller: { readonly minor: number; readonly isTooOld: boolean } | null): Release {
  const name = 'odh';
  if (controller === null) return { name, minor: FORK_MINOR, autoscalerClasses: ['none', 'external'] };
  const minor = Math.max(OLDEST_MINOR, controller.minor);
  return { name, minor, autoscalerClasses: [controller.isTooOld ? 'external' : 'none'] };
}

export function releaseNamed(name: ReleaseName): Release {
  const found = UPSTREAM.find((release) => release.name === name);
  return found ?? fork(null);
}

/** Does a release have what KServe has from one release on? */
export function has({ minor }: Release, feature: Feature): boolean {
  return minor >= DIFFERENCES[feature].since;
}

/** The default release: the newest one whose controller does not delete the workers. */
export const DEFAULT_RELEASE: Release =
  UPSTREAM.findLast((release) => !has(release, 'deletesWorkers')) ?? fork(null);

/** The name under which a release knows the mode in which it makes Deployments, and its other name. */
export function modesOf(release: Release): { readonly mode: string; readonly other: string } {
  return has(release, 'standardMode')
    ? { mode: 'Standard', other: 'RawDeployment' }
    : { mode: 'RawDeployment', other: 'Standard' };
}

/**
 * @param live status.deploymentMode of a stored service
 * @returns whether the service is one of KServe 0.15 on a release that knows its mode by the new name only, and refuses
 *   to change it
 */
export function keepsOldMode(live: string | null, release: Release): boolean {
  const { other } = modesOf(release);
  return live === other && has(release, 'standardMode') && !has(release, 'oldModeInStatus');
}

/** The class that headcount writes where none is stated. */
export function autoscalerClassOf({ autoscalerClasses }: Release): string {
  return autoscalerClasses[0] ?? 'none';
}

/**
 * The storage protocols that count for a release.
 * @param configured those of the configuration
 */
export function protocolsOf(release: Release, configured: readonly string[]): readonly string[] {
  if (release.name === 'odh') return configured.includes('oci') ? configured : [...configured, 'oci'];
  return has(release, 'oci') ? configured : configured.filter((protocol) => protocol !== 'oci');
}
