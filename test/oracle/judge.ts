/**
 * KServe's own packages as the judge of a plan. A judge is a Go program (test/oracle/kserve) that is built against one
 * release of KServe. It runs the webhooks and the predictor's reconciler of that release in one process, on an API
 * server in memory, and answers one line of JSON with one line of JSON.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { judgeBinary, type KServeRelease } from '../e2e/cluster/binaries.ts';

/** A service that is created in a cluster with these runtimes. */
export interface Case {
  readonly service: unknown;
  /** ServingRuntimes and ClusterServingRuntimes. */
  readonly runtimes: readonly unknown[];
  /** Keys of inferenceservice-config that differ from what KServe ships. */
  readonly configMap?: Readonly<Record<string, string>>;
}

/** What KServe says and does. Absent: it did not happen. */
export interface Verdict {
  /** An object of the case does not fit KServe's types: the API server would refuse it. */
  readonly unreadable?: string;
  /** The service after KServe's mutating webhook. */
  readonly stored?: unknown;
  /** The refusal of KServe's validating webhook. The controller is asked all the same. */
  readonly webhook?: string;
  readonly mode?: string;
  /** What the controller reports. */
  readonly error?: string;
  /** What the controller panics with. */
  readonly panic?: string;
  readonly deployments?: Readonly<Record<string, Deployment>>;
  readonly services?: Readonly<Record<string, unknown>>;
  readonly autoscalers?: Readonly<Record<string, unknown>>;
  /** `Kind/name` of what the controller made and deleted again; it is still listed above. */
  readonly deleted?: readonly string[];
}

/** The spec of a Deployment, as far as the tests read it. */
export interface Deployment {
  readonly replicas?: number;
  readonly strategy: { readonly type?: string; readonly rollingUpdate?: object };
  readonly template: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly initContainers?: readonly Container[];
      readonly volumes?: readonly { readonly name: string }[];
    };
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export class Judge {
  readonly release: KServeRelease;
  readonly #process: ChildProcess;
  readonly #waiting: { answer: (verdict: Verdict) => void; fail: (error: Error) => void }[] = [];

  /** @throws when Go is missing or the program can't be built */
  constructor(release: KServeRelease) {
    this.release = release;
    const { program, configMap } = judgeBinary(release);
    this.#process = spawn(program, [configMap], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('the judge has no output');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#waiting.shift()?.answer(JSON.parse(line) as Verdict);
    });
    const ended = (cause: string): void => {
      for (const { fail } of this.#waiting.splice(0))
        fail(new Error(`the judge of KServe ${release} ${cause}`));
    };
    this.#process.on('error', ({ message }) => ended(`can't be started: ${message}`));
    this.#process.on('exit', (code, signal) => ended(`ended with ${code ?? signal}`));
  }

  /** Answers come in the order of the questions. */
  ask(question: Case): Promise<Verdict> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ answer, fail });
      this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the program once it has answered everything. */
  close(): void {
    this.#process.stdin?.end();
  }
}
