/** The configuration: its type, its defaults. The file is read by load.ts. */
import type { KServeVersion } from '../kserve/installed.ts';
import type { MutationMode } from '../mutation/mode.ts';
import type { Exception } from './exceptions.ts';
import type { Level } from '../rules/rule.ts';
import type { ModelUnderTest } from '../rules/subject.ts';

export const ENFORCEMENT_LEVELS = ['deny', 'warn', 'off'] as const;
type EnforcementLevel = (typeof ENFORCEMENT_LEVELS)[number];

export interface Config {
  readonly rules: Readonly<Record<string, Level>>;
  readonly mutation: {
    readonly mode: MutationMode;
    readonly defaultAnnotations: boolean;
    readonly normalizeParallelism: boolean;
  };
  readonly storage: { readonly protocols: readonly string[]; readonly accessModes: readonly string[] };
  readonly gpus: {
    readonly types: readonly string[];
    readonly notGpus: readonly string[];
    readonly maxTotal: number;
  };
  readonly denyAt: 'both' | 'validate';
  readonly lookupFailure: 'deny' | 'warn';
  /** What becomes of denials in the whole cluster, where a namespace's label says nothing else. */
  readonly enforcement: EnforcementLevel;
  readonly exceptions: readonly Exception[];
  readonly namespaces: { readonly labels: boolean; readonly exempt: readonly string[] };
  readonly log: { readonly level: string };
  readonly kserve: { readonly version: KServeVersion };
  /** Ends each denial; {rule} in it is the rule's id. '' where the platform has no page of its own. */
  readonly docsUrl: string;
  /** Not in the file: from --model-config and --gpu-memory of the command line. */
  readonly model?: ModelUnderTest;
}

export const DEFAULTS: Config = {
  rules: {},
  mutation: { mode: 'full', defaultAnnotations: true, normalizeParallelism: true },
  storage: { protocols: ['pvc'], accessModes: ['ReadWriteMany', 'ReadOnlyMany'] },
  gpus: { types: [], notGpus: ['rdma/', 'vpc.amazonaws.com/efa', 'hugepages-'], maxTotal: 4096 },
  denyAt: 'both',
  lookupFailure: 'deny',
  enforcement: 'deny',
  exceptions: [],
  namespaces: { labels: false, exempt: [] },
  log: { level: 'info' },
  kserve: { version: 'auto' },
  docsUrl: '',
};
