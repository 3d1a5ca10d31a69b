/** Under the chart's 256 MiB: what 500 ordinary reviews a second take, and 50 hostile bodies of 7 MiB at once. */
import { Wire } from '../hostile/wire.ts';
import type { Server } from '../support/server.ts';
import { type Figure } from '../support/targets.ts';
import { pace } from './pace.ts';
import { HOSTILE, ordinary } from './requests.ts';

const RATE = 500;
const PARALLEL = 50;
const ROUNDS = 3;

export async function memory(server: Server, seconds: number): Promise<readonly Figure[]> {
  const samples: number[] = [];
  const watch = setInterval(
    () =>
      void server.memory().then(
        (mib) => samples.push(mib),
        () => {},
      ),
    500,
  );
  const { times, shed, failed, unsent } = await pace(server.port, ordinary, {
    rate: RATE,
    seconds,
    connections: 32,
  });
  clearInterval(watch);
  const early = Math.max(...samples.slice(Math.floor(samples.length / 6), Math.floor(samples.length / 3)));
  const late = Math.max(...samples.slice(-Math.floor(samples.length / 6)));
  const answered = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const all = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) =>
        hostile(server.port, HOSTILE[index % HOSTILE.length] ?? Buffer.alloc(0)),
      ),
    );
    for (const answer of all) answered.set(answer, (answered.get(answer) ?? 0) + 1);
  }
  const told = [...answered].map(([answer, count]) => `${count} x ${answer}`).join(', ');
  return [
    {
      what: 'memory: asked',
      value: (times.length + shed + failed) / seconds,
      unit: '/s',
      least: RATE * 0.95,
    },
    { what: 'memory: not served', value: shed + failed + unsent },
    { what: 'memory: most resident at that load', value: Math.max(...samples), unit: 'MiB', most: 180 },
    {
      what: `memory: growth from minute ${(seconds / 360).toFixed(1)} on`,
      value: (100 * (late - early)) / early,
      unit: '%',
      ...(seconds >= 1_800 && { most: 5 }),
    },
    {
      what: `memory: 50 hostile bodies of 7 MiB, ${ROUNDS} times (${told}): ended`,
      value: server.running ? 0 : 1,
      most: 0,
    },
    { what: 'memory: resident afterwards', value: await server.settledMemory(), unit: 'MiB' },
  ];
}

async function hostile(port: number, bytes: Buffer): Promise<string> {
  try {
    const wire = await Wire.connect(port);
    wire.send(bytes);
    const reply = await wire.next();
    wire.destroy();
    return reply === null ? 'closed' : `HTTP ${reply.code}`;
  } catch {
    return 'refused';
  }
}
