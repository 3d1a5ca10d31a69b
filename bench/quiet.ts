/**
 * What a review costs before and after half a minute without one. V8 gives memory back then, and unless it is told
 * otherwise, it drops the hidden classes of objects that are not alive at that moment, and with them the code that it has
 * compiled for them. With the image's flags, and with V8's own default.
 * Run: npm run bench:quiet
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, at, checkTools, warmUp } from './measure.ts';
import { startHeadcount } from './servers.ts';
import { prepare } from './setting.ts';

const CONNECTIONS = 8;
/** Of each figure. */
const SECONDS = 2;
/** The memory reducer comes after 8 s, a second time shortly after. */
const QUIET_SECONDS = 30;

checkTools();
const { directory, body, named } = await prepare();

async function measured(name: string, flags: readonly string[]): Promise<void> {
  const server = await startHeadcount(named, 10, directory, { flags });
  const validate = at(server, '/validate');
  const state = async (): Promise<string> => {
    const { cpu } = await ask(
      server.process,
      `${validate.url}?timeout=5s`,
      body,
      CONNECTIONS,
      SECONDS,
      directory,
    );
    return `${cpu.toFixed(0)} us`;
  };
  await warmUp(validate, body, directory);
  const [busy, held] = [await state(), server.process.resident];
  await sleep(QUIET_SECONDS * 1_000);
  const [resident, after, later] = [server.process.resident, await state(), await state()];
  const memory = `${held.toFixed(0)} and ${resident.toFixed(0)} MB`;
  console.log(
    `${name.padEnd(20)} ${busy} before, ${after} after ${QUIET_SECONDS} s, ${later} then; ${memory}`,
  );
  await server.stop();
}

for (let round = 0; round < 3; round++) {
  await measured('as shipped', []);
  await measured("V8's own default", ['--memory-reducer-favors-memory']);
}
rmSync(directory, { recursive: true });
// The stand-ins for the API server still listen.
process.exit();
