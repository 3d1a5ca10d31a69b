/** `headcount serve`: from arguments to a running server. */
import type { Arguments } from './args.ts';
import type { Run } from './command.ts';
import { UsageError } from './refusal.ts';
import { clusterOf, configOf } from './session.ts';
import { versionNumber } from './version.ts';

const HIGHEST_PORT = 65_535;

export const serve: Run = async (given, { stdout, stderr }) => {
  if (!given.has('offline')) throw new UsageError('only --offline is available in this version');
  const host = given.text('host');
  const certDir = given.text('cert-dir');
  const port = portOf(given, 'port');
  const opsPort = portOf(given, 'ops-port');
  const config = await configOf(given);
  const cluster = await clusterOf(given, []);
  // Here, so that wrong use is told without loading the server.
  const server = await import('../serve.ts');
  return server.serve(
    {
      cluster,
      config: () => config,
      version: await versionNumber(),
      offline: true,
      ...(host !== null && { host }),
      ...(port !== null && { port }),
      ...(opsPort !== null && { opsPort }),
      ...(certDir !== null && { certDir }),
    },
    { stdout, stderr },
  );
};

function portOf(given: Arguments, option: string): number | null {
  const text = given.text(option);
  if (text === null) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > HIGHEST_PORT) {
    throw new UsageError(`--${option} ${text} is no port: a number from 0 to ${HIGHEST_PORT}`);
  }
  return Number(text);
}
