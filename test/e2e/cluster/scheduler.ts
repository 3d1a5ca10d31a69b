/** A real kube-scheduler on a test cluster. It ends with the test run, as the cluster's own processes do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scheduler, type Version } from './binaries.ts';
import { ended, type TestCluster } from './cluster.ts';

export class Scheduler {
  readonly #process: ChildProcess;

  static start(cluster: TestCluster, version: Version): Scheduler {
    const config = join(cluster.directory, 'kube-scheduler.json');
    const settings = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      // The default of 50 requests a second is for clusters that have other things to do as well.
      clientConnection: { kubeconfig: cluster.kubeconfig('admin'), qps: 2_000, burst: 4_000 },
      leaderElection: { leaderElect: false },
    };
    writeFileSync(config, JSON.stringify(settings));
    const log = openSync(join(cluster.directory, 'kube-scheduler.log'), 'a');
    const flags = [`--config=${config}`, '--secure-port=0'];
    const child = spawn(scheduler(version), flags, { stdio: ['ignore', log, log] });
    process.once('exit', () => child.kill('SIGKILL'));
    return new Scheduler(child);
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  stop(): Promise<void> {
    return ended(this.#process);
  }
}
