/** `headcount plan`: how many pods and GPUs KServe will deploy for each service, and what is wrong with it. */
import { assess } from '../admission/assess.ts';
import type { Config } from '../config.ts';
import type { Arguments } from './args.ts';
import type { Run } from './command.ts';
import { readInput } from './input.ts';
import { outputsOf, writeOutputs } from './outputs.ts';
import { compare } from './plan/before.ts';
import { json } from './plan/json.ts';
import { mermaid } from './plan/mermaid.ts';
import type { Format, PlannedService, PlanReport } from './plan/report.ts';
import { svg } from './plan/svg.ts';
import { text } from './plan/text.ts';
import { yaml } from './plan/yaml.ts';
import { Refusal } from './refusal.ts';
import { clusterOf, exitCode, nothingFound, openSession, skippedLine, type Session } from './session.ts';
import { styleOf, type Streams, type Style } from './streams.ts';

const FORMATS = { text, json, yaml, mermaid, svg } satisfies Record<string, Format>;
const IN_A_FILE: Style = { colour: false, unicode: true };

export const plan: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  checkBefore(given);
  const session = await openSession(given, streams);
  const { input } = session;
  if (session.services.length === 0 && given.text('before') === null) {
    throw nothingFound('InferenceService', given, input);
  }
  const report: PlanReport = {
    ...(await planned(session, given, streams)),
    skipped: input.skipped,
    explained: given.has('explain'),
  };
  const documents = outputs.map(({ format, path }) => ({
    path,
    text: FORMATS[format](report, path === null ? styleOf(streams) : IN_A_FILE),
  }));
  await writeOutputs(documents, streams);
  if (outputs.some(({ format, path }) => format === 'text' && path === null)) {
    streams.stderr.write(skippedLine(input));
  }
  return exitCode(
    report.services.flatMap(({ assessment }) => assessment.findings),
    given,
  );
};

function checkBefore(given: Arguments): void {
  if (given.text('before') === '-' && given.files.includes('-')) {
    throw new Refusal('--before and FILE are both standard input');
  }
}

async function planned(
  { services, cluster, config, input }: Session,
  given: Arguments,
  { stdin }: Streams,
): Promise<Pick<PlanReport, 'services' | 'removed'>> {
  const objects = services.map(({ object }) => object);
  const path = given.text('before');
  if (path === null) return { services: await each(objects, cluster, config), removed: null };
  const old = await readInput([path], stdin);
  // What stands beside the old services counts for them; for the rest they see what the new ones see.
  const around = input.items.filter(({ part }) => part !== 'service');
  const before = await clusterOf(given, [...around, ...old.items]);
  const was = old.items.filter(({ part }) => part === 'service').map(({ object }) => object);
  return compare(was, objects, { before, after: cluster }, config);
}

async function each(
  objects: readonly unknown[],
  cluster: Session['cluster'],
  config: Config,
): Promise<readonly PlannedService[]> {
  const services: PlannedService[] = [];
  for (const object of objects)
    services.push({ assessment: await assess(object, cluster, config), change: null });
  return services;
}
