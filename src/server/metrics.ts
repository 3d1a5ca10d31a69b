/**
 * What is counted. Made per app on a registry of its own, so that two apps (or tests) share nothing. Label
 * values come from closed sets only: never a name, a namespace or anything else that a caller chooses.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CertificateEvent, CertificateStatus } from '../certs/source.ts';
import type { Exception } from '../config/exceptions.ts';
import type { CacheState } from '../cluster/cluster.ts';
import { asList, property } from '../lib/json.ts';
import type { Decision, Phase } from '../admission/decision.ts';
import type { Finding } from '../rules/rule.ts';
import { exceptionGauge, inForceGauge, reducedGauge, releaseGauge } from './gauges.ts';

export interface Metrics {
  /** @param seconds from the first byte of the request's headers to the answer */
  decided(phase: Phase, decision: Decision, seconds: number): void;
  shed(): void;
  /** What a source of certificates has done or met. */
  certificate(event: CertificateEvent['event'], step?: string): void;
  /** @param good is the file's present text in force? */
  configRead(good: boolean): void;
  /** Names of the labels of each metric that has any. */
  labels(): ReadonlyMap<string, readonly string[]>;
  /** The exposition format's text and its content type. */
  expose(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface MetricsOptions {
  readonly version: string;
  /** Also memory, CPU, event loop and GC of this process. */
  readonly process: boolean;
  /** The memory of a live cluster, asked at each scrape. */
  readonly caches: () => readonly CacheState[];
  /** The release of KServe that is planned for, and who says so; asked at each scrape. */
  readonly release: () => Promise<{ readonly release: string; readonly from: string }>;
  /** Those that hold, of the configuration in force; asked at each scrape. */
  readonly exceptions: () => readonly Exception[];
  /** Asked at each scrape. */
  readonly certificates: () => CertificateStatus;
  /** Why each webhook configuration is not in force, null where it is; asked at each scrape. */
  readonly inForce: () => ReadonlyMap<string, string | null>;
}

/** A decision takes tens of microseconds, a live lookup tens of milliseconds, the deadline is 3 s. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 3];

export function makeMetrics({
  version,
  process: ofProcess,
  caches,
  release,
  exceptions,
  certificates: certificateStatus,
  inForce,
}: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'headcount_build_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  releaseGauge(release, registers);
  const decisions = new Counter({
    name: 'headcount_decisions_total',
    help: 'Answers, by phase and outcome.',
    labelNames: ['phase', 'decision'],
    registers,
  });
  const findings = new Counter({
    name: 'headcount_findings_total',
    help: 'Findings sent, by rule and severity.',
    labelNames: ['rule', 'severity'],
    registers,
  });
  const duration = new Histogram({
    name: 'headcount_decision_duration_seconds',
    help: 'From the headers of a request to its answer.',
    labelNames: ['phase'],
    buckets: BUCKETS,
    registers,
  });
  const excepted = new Counter({
    name: 'headcount_excepted_total',
    help: 'Denials that an exception of the configuration made warnings.',
    labelNames: ['rule'],
    registers,
  });
  exceptionGauge(exceptions, registers);
  const notJudged = new Counter({
    name: 'headcount_not_judged_total',
    help: 'Requests let through without being judged, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const shed = new Counter({
    name: 'headcount_shed_total',
    help: 'Requests answered 429 for lack of room or time, before they were judged.',
    registers,
  });
  const rejected = new Counter({
    name: 'headcount_certificate_rejected_total',
    help: 'Certificate pairs that were not taken into use; the one before goes on serving.',
    registers,
  });
  const certificateWrites = new Counter({
    name: 'headcount_certificate_writes_total',
    help: 'Steps of the life cycle of self-managed certificates that this replica has written.',
    labelNames: ['step'],
    registers,
  });
  const certificateFailures = new Counter({
    name: 'headcount_certificate_failures_total',
    help: 'Looks at the certificates that failed because the API server could not be asked.',
    registers,
  });
  const asked = (
    name: string,
    help: string,
    labels: readonly string[],
    collect: (gauge: Gauge, status: CertificateStatus) => void,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers,
      collect() {
        collect(this, certificateStatus());
      },
    });
  asked(
    'headcount_certificate_expiry_seconds',
    'Until the certificate runs out; negative when it has.',
    ['certificate'],
    (gauge, { leafExpires, caExpires }) => {
      if (leafExpires !== null) gauge.set({ certificate: 'leaf' }, leafExpires);
      if (caExpires !== null) gauge.set({ certificate: 'ca' }, caExpires);
    },
  );
  asked(
    'headcount_ca_bundle_trusted',
    '1 while every caBundle of the webhook configurations carries the CA of what is served.',
    [],
    (gauge, { trusted }) => gauge.set(Number(trusted ?? true)),
  );
  inForceGauge(inForce, registers);
  const configuration = new Gauge({
    name: 'headcount_config_valid',
    help: '0 while the configuration file is refused and the last good one stays in force.',
    registers,
  });
  configuration.set(1);
  const ofCache = (name: string, help: string, value: (state: CacheState) => number): Gauge =>
    new Gauge({
      name: `headcount_cache_${name}`,
      help,
      labelNames: ['kind'],
      registers,
      collect() {
        for (const state of caches()) this.set({ kind: state.kind }, value(state));
      },
    });
  ofCache('synced', '1 when all objects of the kind have been listed.', ({ synced }) => Number(synced));
  ofCache('age_seconds', 'Since the API server last said anything about the kind.', ({ age }) => age);
  ofCache('objects', 'Objects held, by kind.', ({ objects }) => objects);
  ofCache('lists', 'How often all objects of the kind have been listed.', ({ lists }) => lists);
  reducedGauge(caches, registers);
  return {
    decided(phase, decision, seconds) {
      const { outcome } = decision;
      decisions.inc({ phase, decision: outcome });
      duration.observe({ phase }, seconds);
      if (outcome === 'allow' && decision.notJudged !== null) notJudged.inc({ reason: decision.notJudged });
      for (const { rule, severity, exception } of findingsIn(decision)) {
        findings.inc({ rule, severity });
        if (exception !== undefined) excepted.inc({ rule });
      }
    },
    shed: () => shed.inc(),
    certificate(event, step = '') {
      if (event === 'refused') rejected.inc();
      if (event === 'failed') certificateFailures.inc();
      if (event === 'wrote') certificateWrites.inc({ step });
    },
    configRead: (good) => configuration.set(Number(good)),
    labels: () =>
      new Map(
        registry.getMetricsAsArray().map((metric) => [metric.name, strings(property(metric, 'labelNames'))]),
      ),
    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

function findingsIn(decision: Decision): readonly Finding[] {
  if (decision.outcome === 'deny') return [...decision.findings, ...decision.warnings];
  return decision.outcome === 'allow' ? decision.warnings : [];
}

function strings(list: unknown): readonly string[] {
  return asList(list).filter((item) => typeof item === 'string');
}
