/** Says what has failed, makes it small, and keeps it: test/fuzz/fuzz.test.ts asks it again for ever. */
import { Server } from '../support/server.ts';
import type { Case } from './case.ts';
import { keepFixture } from './fixtures.ts';
import { minimised } from './minimise.ts';
import { answered, type Failure } from './run.ts';
import { stallLimit, stallOf } from './stalls.ts';
import { Lane } from './target.ts';
import { verdictOn } from './verdict.ts';

export async function report(seed: number, failures: readonly Failure[]): Promise<void> {
  for (const { one, problems } of failures) {
    console.log(`\nFAILED: case ${one.index} (npm run fuzz -- --seed ${seed} --only ${one.index})`);
    for (const problem of problems.slice(0, 5)) console.log(`  ${problem}`);
    console.log(`  minimised: test/fuzz/fixtures/${await kept(one, problems[0] ?? '')}`);
  }
}

async function kept(one: Case, problem: string): Promise<string> {
  let server = await Server.start();
  let lane = new Lane(server);
  const stalls = problem.startsWith('holds up');
  const small = await minimised(one, async (candidate) => {
    if (stalls) return (await stallOf(server, lane, candidate)) > stallLimit(one);
    const problems = verdictOn(candidate, await answered(lane, candidate)) ?? [];
    if (server.running) return problems.length > 0;
    server = await Server.start();
    lane = new Lane(server);
    return true;
  });
  lane.close();
  await server.stop();
  return keepFixture({ problem, one: small });
}
