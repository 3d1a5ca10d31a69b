/**
 * How long a decision takes inside the process: the captured client-side-apply update (the 7.5 KB review of
 * the performance targets, or a stand-in of the same size where the captures are absent), and how that
 * grows with the object from 1 KB to 1 MB. JSON parsing is not part of it; each round's median is taken
 * over many decisions, and the rounds alternate so that the machine's drift hits all sizes alike.
 */
import { admit } from '../src/admission/admit.ts';
import type { AdmissionRequest, Phase } from '../src/admission/decision.ts';
import { DEFAULTS } from '../src/config/config.ts';
import { clusterOf } from '../test/support/helpers.ts';
import { minimalRuntime, type Loose } from '../test/rules/cases.ts';
import { capturedUpdate, updateOfSize } from './subject.ts';

const ROUNDS = 7;

async function median(
  phase: Phase,
  request: AdmissionRequest,
  runtime: Loose,
  runs: number,
): Promise<number> {
  const cluster = clusterOf([runtime]);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = process.hrtime.bigint();
    await admit(phase, request, cluster, DEFAULTS);
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return middle(times);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const review = capturedUpdate();
if (review === null) console.log('The captured review is absent: a stand-in of 7.5 KB is measured instead.');
const main = review ?? { request: updateOfSize(7500), runtime: minimalRuntime() };
const small = { runtime: minimalRuntime() };
const cases: readonly {
  name: string;
  phase: Phase;
  request: AdmissionRequest;
  runtime: Loose;
  runs: number;
}[] = [
  { name: 'captured update', phase: 'validate', ...main, runs: 3000 },
  { name: 'captured update', phase: 'mutate', ...main, runs: 3000 },
  ...[1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000].flatMap((bytes) =>
    (['validate', 'mutate'] as const).map((phase) => ({
      name: 'growing env list',
      phase,
      request: updateOfSize(bytes),
      ...small,
      runs: Math.max(20, Math.floor(3_000_000 / bytes)),
    })),
  ),
];
const figures = cases.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, item] of cases.entries()) {
    figures[index]?.push(await median(item.phase, item.request, item.runtime, item.runs));
  }
}
console.log(`Decision time in the process, median of ${ROUNDS} rounds' medians (Node ${process.version})\n`);
console.log('review             bytes     phase        us    us/KB');
for (const [index, item] of cases.entries()) {
  const bytes = JSON.stringify({ request: item.request }).length;
  const time = middle(figures[index] ?? []);
  console.log(
    `${item.name.padEnd(16)}${String(bytes).padStart(9)}     ${item.phase.padEnd(8)}${time.toFixed(1).padStart(8)}${(time / (bytes / 1000)).toFixed(2).padStart(9)}`,
  );
}
console.log('\nTargets: captured update <= 15 us (validate), <= 35 us (mutate); 1 MB <= 10,000 us.');
