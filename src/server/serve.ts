/** `headcount serve`: wires certificate, app and signals together, listens, drains, ends. */
import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { admit } from '../admission/admit.ts';
import { releaseFor } from '../admission/facts.ts';
import type { ClientCa } from '../certs/client-ca.ts';
import type { CertificateStatus } from '../certs/source.ts';
import type { Cache, Cluster } from '../cluster/cluster.ts';
import { PendingReads } from '../cluster/pending.ts';
import type { ConfigFile } from '../config/file.ts';
import type { Config } from '../config/config.ts';
import { withCurrentExceptions } from '../config/exceptions.ts';
import type { InForce, InForceEvent } from '../registration/in-force.ts';
import { addressOf, everyAddress, startProblem } from './address.ts';
import { makeApp, type App } from './app.ts';
import {
  certificateSource,
  certificateTrouble,
  logCertificate,
  NO_CERTIFICATE,
  type CertificateOptions,
} from './certificate.ts';
import { inBatches, makeLog, type Logger } from './log.ts';
import { makeMetrics, type Metrics } from './metrics.ts';
import { StopSignals } from './signals.ts';
import { tlsOptions } from './tls.ts';

export interface ServeOptions extends CertificateOptions {
  readonly cluster: Cluster;
  /** Asked for each request, so that a reloaded file takes effect at once. */
  readonly config: () => Config;
  /** The file behind `config`, where there is one: watched while the server runs. */
  readonly configFile?: ConfigFile;
  readonly version: string;
  /** Default: 127.0.0.1 offline, every address in a cluster. */
  readonly host?: string;
  /** 9443 by default; 0 takes any free port, and the line that is printed says which. */
  readonly port?: number;
  readonly opsPort?: number;
  /** Milliseconds that an answer may take; 3,000 by default. */
  readonly deadline?: number;
  readonly offline: boolean;
  /** The CA of the clients, where they must show a certificate. */
  readonly clientCa?: ClientCa;
  /** The memory of `cluster`, where it has one: started and stopped with the server, which is ready after it. */
  readonly cache?: Cache;
  /** Who puts the webhook configurations into force; absent where there are none. */
  readonly registration?: (onEvent: (event: InForceEvent) => void) => InForce;
  /** Default: 10 in a cluster, where endpoints take that long to change everywhere; 0 offline. */
  readonly drainSeconds?: number;
  /** Emits SIGTERM and SIGINT; the process, but for tests. */
  readonly signals?: EventEmitter;
}

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** How long requests that are being answered may take after the drain; their own deadline is 3 s by default. */
const CLOSE_SECONDS = 10;
/** @returns the exit code: 0 after a signal, 2 when it could not start. The log goes to stdout. */
export async function serve(options: ServeOptions, streams: Streams): Promise<number> {
  const { cluster, cache, config, clientCa, deadline, offline, signals = process } = options;
  const { port = 9443, opsPort = 8081, host = offline ? '127.0.0.1' : everyAddress() } = options;
  const lines = inBatches(streams.stdout);
  const log = makeLog(config().log.level, lines);
  const configNow = (): Config => withCurrentExceptions(config(), Date.now());
  let currentStatus = (): CertificateStatus => NO_CERTIFICATE;
  const metrics = makeMetrics({
    version: options.version,
    process: true,
    caches: () => cache?.state() ?? [],
    certificates: () => currentStatus(),
    exceptions: () => configNow().exceptions,
    inForce: () => registration?.status() ?? new Map(),
    release: async () => {
      const { release, from } = await releaseFor(cluster, config());
      return { release: release.name, from };
    },
  });
  const certificates = await certificateSource(options, (event) => {
    metrics.certificate(event.event, event.event === 'wrote' ? event.step : undefined);
    logCertificate(event, log);
  });
  currentStatus = () => certificates.status();
  const registration = options.registration?.((event) => logInForce(event, log));
  const stop = new StopSignals(signals);
  let stopping = false;
  let app: App | undefined;
  try {
    const built: App = makeApp({
      judge: (phase, request, reads, compute) =>
        admit(phase, request, new PendingReads(cluster, reads), configNow(), compute),
      notReady: async () =>
        stopping
          ? ['shutting down']
          : [...(cache?.notReady() ?? []), ...(await certificateTrouble(built.webhook.server, certificates))],
      certificate: null,
      ...(clientCa && { clientCa: clientCa.current() }),
      ...(deadline !== undefined && { limits: { deadline } }),
      log,
      metrics,
    });
    app = built;
    const { webhook, ops, drain } = built;
    const useCertificate = (): void =>
      webhook.server.setSecureContext(tlsOptions(certificates.current(), clientCa?.current()));
    certificates.onChange(() => {
      useCertificate();
      log.info({ seconds: Math.round(certificates.status().leafExpires ?? 0) }, 'certificate changed');
    });
    watchAll(options, useCertificate, metrics, log);
    // Starts first, because certificates may have to wait for the API server and readiness must say so.
    await ops.listen({ host, port: opsPort });
    const pair = await Promise.race([certificates.start(), stop.first]);
    if (pair === undefined) return 0;
    useCertificate();
    await webhook.listen({ host, port });
    const at = `https://${addressOf(webhook.server)} (/mutate, /validate)`;
    const opsAt = `http://${addressOf(ops.server)} (/healthz, /readyz, /metrics)`;
    registration?.start();
    streams.stderr.write(`headcount serving ${at} and ${opsAt}\n`);

    await stop.first;
    stopping = true;
    drain();
    log.info('draining');
    const drainSeconds = options.drainSeconds ?? (offline ? 0 : 10);
    const timers = new AbortController();
    const closed = closeAfter(webhook, drainSeconds, timers.signal);
    await Promise.race([closed, stop.second]);
    timers.abort();
    return 0;
  } catch (error) {
    streams.stderr.write(`headcount: ${startProblem(error, '--port or --ops-port')}\n`);
    return 2;
  } finally {
    stop.forget();
    certificates.stop();
    registration?.stop();
    clientCa?.stop();
    cache?.stop();
    options.configFile?.stop();
    for (const server of [app?.webhook, app?.ops]) {
      server?.server.closeAllConnections();
      await server?.close();
    }
    lines.flush();
  }
}

/** What may change while the server runs, but for its certificate. */
function watchAll(
  { cache, clientCa, cluster, config, configFile }: ServeOptions,
  useCertificate: () => void,
  metrics: Metrics,
  log: Logger,
): void {
  void cache?.start(
    (kind, problem) => {
      if (problem === null) log.info({ kind }, 'watch works');
      else log.warn({ kind, problem }, 'watch failed, trying again');
    },
    (object) => log.warn(object, 'object too large to be held whole'),
    async () => {
      const { release, from, why } = await releaseFor(cluster, config());
      if (why === null) log.info({ release: release.name, from }, 'release of KServe');
      else
        log.warn(
          { release: release.name, problem: why },
          "KServe's release is not known, the default counts",
        );
    },
  );
  configFile?.watch((problem) => {
    metrics.configRead(problem === null);
    if (problem !== null) return log.warn({ problem }, 'configuration refused, the last good one stays');
    log.level = config().log.level;
    log.info('configuration changed');
  });
  clientCa?.watch((problem) => {
    if (problem !== null) return log.warn({ problem }, 'CA of the clients refused, the last good one stays');
    useCertificate();
    log.info('CA of the clients changed');
  });
}

function logInForce({ kind, problem }: InForceEvent, log: Logger): void {
  if (problem === null) return log.info({ configuration: kind }, 'webhook configuration in force');
  log.warn({ configuration: kind, problem }, 'webhook configuration not in force');
}

/**
 * Keeps serving while endpoints change, then stops accepting connections and waits for open requests.
 * @param signal ends the wait and returns
 */
async function closeAfter(webhook: App['webhook'], drainSeconds: number, signal: AbortSignal): Promise<void> {
  await pause(drainSeconds, signal);
  if (signal.aborted) return;
  await Promise.race([webhook.close(), pause(CLOSE_SECONDS, signal)]);
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  // The timer rejects when the signal aborts. Here that only means that the wait is over.
  await sleep(seconds * 1_000, undefined, { signal }).catch(() => {});
}
