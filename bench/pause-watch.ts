/**
 * Loaded into a server before its program (node --import): notes each turn of the event loop that comes late, with the
 * processor time and the garbage collections in it. Written as JSON to the file HEADCOUNT_PAUSES when the process ends.
 */
import { writeFileSync } from 'node:fs';
import { constants, performance, PerformanceObserver } from 'node:perf_hooks';

/** Milliseconds between two looks. */
const STEP = 2;
/** Milliseconds by which a look that comes late is a pause. */
const LATE = 8;

export interface Pause {
  /** Its end, in milliseconds of the clock. */
  readonly at: number;
  /** Milliseconds between the two looks. */
  readonly ms: number;
  /** Milliseconds of processor time of the main thread in it. */
  readonly own: number;
  /** Of all other threads of the process: V8's helpers, which collect and compile. */
  readonly helpers: number;
}

export interface Collection {
  /** Its start, in milliseconds of the clock. */
  readonly at: number;
  readonly ms: number;
  readonly kind: string;
}

export interface Watched {
  readonly pauses: readonly Pause[];
  readonly collections: readonly Collection[];
}

const KINDS = new Map<unknown, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'young'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'full'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'marking'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

const { timeOrigin } = performance;
const pauses: Pause[] = [];
const collections: Collection[] = [];
const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;
const used = (): { readonly own: number; readonly all: number } => ({
  own: milliseconds(process.threadCpuUsage()),
  all: milliseconds(process.cpuUsage()),
});

const path = process.env['HEADCOUNT_PAUSES'];
if (path !== undefined) {
  new PerformanceObserver((list) => {
    for (const { startTime, duration, detail } of list.getEntries()) {
      const { kind } = detail as { readonly kind: number };
      collections.push({ at: timeOrigin + startTime, ms: duration, kind: KINDS.get(kind) ?? String(kind) });
    }
  }).observe({ entryTypes: ['gc'] });
  let last = performance.now();
  let spent = used();
  setInterval(() => {
    const now = performance.now();
    const processor = used();
    if (now - last > STEP + LATE) {
      const own = processor.own - spent.own;
      const helpers = Math.max(0, processor.all - spent.all - own);
      pauses.push({ at: timeOrigin + now, ms: now - last, own, helpers });
    }
    last = now;
    spent = processor;
  }, STEP).unref();
  process.on('exit', () => writeFileSync(path, JSON.stringify({ pauses, collections } satisfies Watched)));
}
