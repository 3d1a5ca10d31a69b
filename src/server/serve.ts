/** `headcount serve`: wires certificate, app and signals together, listens, drains, ends. */
import type { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { admit } from '../admission/admit.ts';
import { makeApp, tlsOptions, type App } from './app.ts';
import { certificateFiles } from '../certs/files.ts';
import type { ClientCa } from '../certs/client-ca.ts';
import type { CertificateEvent, CertificateSource, CertificateStatus } from '../certs/source.ts';
import type { Cache, Cluster } from '../cluster/cluster.ts';
import { PendingReads } from '../cluster/pending.ts';
import type { ConfigFile } from '../config/file.ts';
import type { Config } from '../config/config.ts';
import { inBatches, makeLog, type Logger } from './log.ts';
import { makeMetrics, type Metrics } from './metrics.ts';

export interface ServeOptions {
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
  /** Holds tls.crt and tls.key. */
  readonly certDir?: string;
  /** What the pair in certDir must serve. */
  readonly names?: readonly string[];
  /** Another source of certificates, instead of certDir. */
  readonly certificates?: (onEvent: (event: CertificateEvent) => void) => CertificateSource;
  /** The CA of the clients, where they must show a certificate. */
  readonly clientCa?: ClientCa;
  /** The memory of `cluster`, where it has one: started and stopped with the server, which is ready after it. */
  readonly cache?: Cache;
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
const HANDSHAKE_TIMEOUT = 2_000;
const NO_CERTIFICATE: CertificateStatus = { leafExpires: null, caExpires: null, trusted: null };

/** @returns the exit code: 0 after a signal, 2 when it could not start. The log goes to stdout. */
export async function serve(options: ServeOptions, streams: Streams): Promise<number> {
  const { cluster, cache, config, clientCa, deadline, offline, signals = process } = options;
  const { port = 9443, opsPort = 8081, host = offline ? '127.0.0.1' : everyAddress() } = options;
  const lines = inBatches(streams.stdout);
  const log = makeLog(config().log.level, lines);
  let currentStatus = (): CertificateStatus => NO_CERTIFICATE;
  const metrics = makeMetrics({
    version: options.version,
    process: true,
    caches: () => cache?.state() ?? [],
    certificates: () => currentStatus(),
  });
  const certificates = await certificateSource(options, (event) => {
    metrics.certificate(event.event, event.event === 'wrote' ? event.step : undefined);
    logCertificate(event, log);
  });
  currentStatus = () => certificates.status();
  const stop = new StopSignals(signals);
  let stopping = false;
  let app: App | undefined;
  try {
    const built: App = makeApp({
      judge: (phase, request, reads, compute) =>
        admit(phase, request, new PendingReads(cluster, reads), config(), compute),
      notReady: async () =>
        stopping
          ? ['shutting down']
          : [...(cache?.notReady() ?? []), ...(await certificateTrouble(built.webhook, certificates))],
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
    // First, so that liveness and readiness tell what is waited for: certificates may need the API server.
    await ops.listen({ host, port: opsPort });
    const pair = await Promise.race([certificates.start(), stop.first]);
    if (pair === undefined) return 0;
    useCertificate();
    await webhook.listen({ host, port });
    const at = `https://${addressOf(webhook)} (/mutate, /validate)`;
    const opsAt = `http://${addressOf(ops)} (/healthz, /readyz, /metrics)`;
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
    streams.stderr.write(`headcount: ${startProblem(error)}\n`);
    return 2;
  } finally {
    stop.forget();
    certificates.stop();
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
  { cache, clientCa, config, configFile }: ServeOptions,
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

async function certificateSource(
  { certificates, certDir, names = [] }: ServeOptions,
  onEvent: (event: CertificateEvent) => void,
): Promise<CertificateSource> {
  if (certificates !== undefined) return certificates(onEvent);
  if (certDir !== undefined) {
    const onRejected = (problem: string): void => onEvent({ event: 'refused', problem });
    return certificateFiles({ directory: certDir, names, onRejected });
  }
  // Loaded only where it is used: issuing takes a library that a server with files never needs.
  const { localhostCertificate } = await import('../certs/localhost.ts');
  return localhostCertificate();
}

function logCertificate(event: CertificateEvent, log: Logger): void {
  switch (event.event) {
    case 'wrote':
      return log.info({ step: event.step }, 'certificates written');
    case 'serves':
      return log.info({ expires: event.expires, caExpires: event.caExpires }, 'certificate taken');
    case 'refused':
      return log.warn({ problem: event.problem }, 'certificate rejected');
    case 'failed':
      return log.warn({ problem: (event.error as Error).message }, 'certificates not checked, trying again');
  }
}

/**
 * Serves on while endpoints change, then stops accepting and waits for what is being answered.
 * @param signal ends the waiting, and with it the function
 */
async function closeAfter(webhook: App['webhook'], drainSeconds: number, signal: AbortSignal): Promise<void> {
  await pause(drainSeconds, signal);
  if (signal.aborted) return;
  await Promise.race([webhook.close(), pause(CLOSE_SECONDS, signal)]);
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  // Aborting rejects; here it only means that there is nothing left to wait for.
  await sleep(seconds * 1_000, undefined, { signal }).catch(() => {});
}

/** The first signal asks for an orderly end, the second for one at once. */
class StopSignals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  readonly #signals: EventEmitter;
  #onSignal: () => void = () => {};

  constructor(signals: EventEmitter) {
    this.#signals = signals;
    const { promise: first, resolve: onFirst } = Promise.withResolvers<void>();
    const { promise: second, resolve: onSecond } = Promise.withResolvers<void>();
    let count = 0;
    this.#onSignal = () => (++count === 1 ? onFirst() : onSecond());
    this.first = first;
    this.second = second;
    for (const name of ['SIGTERM', 'SIGINT']) signals.on(name, this.#onSignal);
  }

  forget(): void {
    for (const name of ['SIGTERM', 'SIGINT']) this.#signals.off(name, this.#onSignal);
  }
}

/** A real handshake, since a TLS server with an unusable pair listens all the same. */
async function certificateTrouble(
  webhook: App['webhook'],
  certificates: CertificateSource,
): Promise<readonly string[]> {
  if (certificates.current() === null) return ['there is no certificate yet'];
  if (!certificates.healthy()) return ['the certificate is not valid'];
  if (certificates.status().trusted === false) {
    return ['the caBundle of the webhook configurations does not carry our CA yet'];
  }
  const { address, port } = webhook.server.address() as AddressInfo;
  const host = address === '::' || address === '0.0.0.0' ? 'localhost' : address;
  return new Promise((resolve) => {
    // Who signed it is not the question here, only whether it is served.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: HANDSHAKE_TIMEOUT });
    const end = (trouble: readonly string[]) => {
      resolve(trouble);
      socket.destroy();
    };
    socket.once('secureConnect', () => end([]));
    socket.once('timeout', () => end(['the TLS handshake takes too long']));
    socket.once('error', () => end(['the TLS handshake fails']));
  });
}

function everyAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  return all.some((address) => address?.family === 'IPv6') ? '::' : '0.0.0.0';
}

function addressOf(app: FastifyInstance<App['webhook']['server']> | App['ops']): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function startProblem(error: unknown): string {
  const { code, address, port, message } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken: choose another with --port or --ops-port`;
  if (code === 'EACCES')
    return `port ${port} on ${address} may not be used: choose another with --port or --ops-port`;
  return message;
}
