/** `headcount plan`: how many pods and GPUs KServe will deploy for each service, and what is wrong with it. */
import { assess } from '../../admission/assess.ts';
import type { Config } from '../../config/config.ts';
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { readInput } from '../shared/input.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { compare } from './before.ts';
import { json } from './json.ts';
import { mermaid } from './mermaid.ts';
import type { Format, PlannedService, PlanReport } from '../planned/report.ts';
import { svg } from './svg.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';
import { namedIn } from '../shared/named.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import {
  clusterOf,
  exitCode,
  nothingFound,
  openSession,
  skippedLine,
  type Session,
} from '../shared/session.ts';
import { styleOf, type Streams, type Style } from '../shared/streams.ts';

const FORMATS = { text, json, yaml, mermaid, svg } satisfies Record<string, Format>;
const IN_A_FILE: Style = { colour: false, unicode: true };

export const plan: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  checkBefore(given);
  const live = await readNamed(given, streams);
  const session = await openSession(live.given, streams);
  const { input } = session;
  if (session.services.length + live.after.length === 0 && given.text('before') === null) {
    throw nothingFound('InferenceService', given, input);
  }
  const report: PlanReport = {
    ...(await planned(session, live, streams)),
    skipped: input.skipped,
    release: session.release,
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

/** Services that the arguments name, as the cluster has them. */
interface Live {
  readonly after: readonly unknown[];
  /** null where --before is not given, or is a file. */
  readonly before: readonly unknown[] | null;
  /** The arguments without them: whoever asks the cluster for a service wants its runtimes and claims too. */
  readonly given: Arguments;
}

async function readNamed(given: Arguments, streams: Streams): Promise<Live> {
  const old = given.text('before');
  const [after, before] = await Promise.all([
    namedIn(given.files, streams),
    namedIn(old === null ? [] : [old], streams),
  ]);
  if (after.names.length + before.names.length === 0) return { after: [], before: null, given };
  if (old !== null && after.names.length > 0) {
    throw new UsageError('--before takes the new manifests as files, and the old ones from the cluster');
  }
  const asking = {
    ...given,
    files: after.paths,
    has: (option: string) => option === 'cluster' || given.has(option),
  };
  const { readLive } = await import('../shared/live.ts');
  return {
    after: await readLive(after.names, asking),
    before: before.names.length === 0 ? null : await readLive(before.names, asking),
    given: asking,
  };
}

async function planned(
  { services, cluster, config, input }: Session,
  { after, before, given }: Live,
  { stdin }: Streams,
): Promise<Pick<PlanReport, 'services' | 'removed'>> {
  const objects = services.map(({ object }) => object);
  const path = given.text('before');
  if (path === null) {
    const stored = await each(after, cluster, config, 'validate');
    return { services: [...(await each(objects, cluster, config, 'mutate')), ...stored], removed: null };
  }
  if (before !== null) return compare(before, objects, { before: cluster, after: cluster }, config);
  const old = await readInput([path], stdin);
  // What stands beside the old services counts for them; for the rest they see what the new ones see.
  const around = input.items.filter(({ part }) => part !== 'service');
  const theirs = await clusterOf(given, [...around, ...old.items]);
  const was = old.items.filter(({ part }) => part === 'service').map(({ object }) => object);
  return compare(was, objects, { before: theirs, after: cluster }, config);
}

async function each(
  objects: readonly unknown[],
  cluster: Session['cluster'],
  config: Config,
  phase: 'mutate' | 'validate',
): Promise<readonly PlannedService[]> {
  const services: PlannedService[] = [];
  for (const object of objects)
    services.push({ assessment: await assess(object, cluster, config, phase), change: null });
  return services;
}
