/** `headcount plan`: how many pods and GPUs KServe will deploy for each service, and what is wrong with it. */
import { assess } from '../../admission/assess-as-enforced.ts';
import type { Config } from '../../config/config.ts';
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { readInput } from '../shared/input.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { compare, type Side } from './before.ts';
import { json } from './json.ts';
import { mermaid } from './mermaid.ts';
import type { Format, PlannedService, PlanReport } from '../planned/report.ts';
import { isShort, withFit } from '../planned/fit.ts';
import { svg } from './svg.ts';
import { text } from './text.ts';
import { yaml } from './yaml.ts';
import { lastOfEach } from './last-of-each.ts';
import { namedIn } from '../shared/named.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import {
  nothingFound,
  patchLines,
  skippedLine,
  tellUnreadable,
  UNREADABLE_INPUT,
} from '../shared/left-out.ts';
import {
  eachOnce,
  exitCode,
  openSession,
  sourceOf,
  surroundingsOf,
  type Session,
} from '../shared/session.ts';
import { stockFor } from '../shared/stock.ts';
import { styleOf, type Streams, type Style } from '../shared/streams.ts';

const FORMATS = { text, json, yaml, mermaid, svg } satisfies Record<string, Format>;
const IN_A_FILE: Style = { colour: false, unicode: true };

export const plan: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  checkBefore(given);
  const live = await readNamed(given, streams);
  const session = await openSession(live.given, streams);
  const { input } = session;
  const { services, lines } = lastOfEach(session.services);
  const { unreadable, ...compared } = await planned({ ...session, services }, live, streams);
  const gone = compared.comparison?.removed.length ?? 0;
  const isEmpty = session.services.length + live.after.length + gone === 0;
  if (isEmpty && unreadable.length === 0) throw nothingFound('InferenceService', sourceOf(given), input);
  const stock = given.has('fit') ? await stockFor(live.given, input.items) : null;
  const report: PlanReport = {
    ...compared,
    services: stock === null ? compared.services : withFit(compared.services, stock),
    ground: stock && stock.ground(),
    skipped: input.skipped,
    release: session.release,
    unreadable,
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
  streams.stderr.write(lines);
  streams.stderr.write(patchLines(input));
  tellUnreadable('plan', unreadable, streams);
  if (unreadable.length > 0) return UNREADABLE_INPUT;
  const findings = report.services.flatMap(({ assessment }) => assessment.findings);
  // A plan without room is a warning.
  return given.has('strict') && isShort(report.services) ? 1 : exitCode(findings, given);
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
  /** The arguments without these services, with --cluster: their runtimes and claims are in the cluster as well. */
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
  { services, cluster, config, input, unreadable }: Session,
  { after, before, given }: Live,
  streams: Streams,
): Promise<Pick<PlanReport, 'services' | 'comparison' | 'unreadable'>> {
  const objects = services.map(({ object }) => object);
  const path = given.text('before');
  if (path === null) {
    const stored = await each(after, cluster, config, 'validate');
    const fromFiles = await each(objects, cluster, config, 'mutate');
    return { services: [...fromFiles, ...stored], comparison: null, unreadable };
  }
  const now: Side = { objects, cluster, complete: input.unreadable.length === 0 };
  if (before !== null) {
    // What the input gives is new: the stored services run on what the cluster holds.
    const isAlone = input.items.every(({ part }) => part === 'service');
    const theirs = isAlone ? cluster : (await surroundingsOf(given, [])).cluster;
    const was: Side = { objects: before, cluster: theirs, complete: true };
    const lacksRuntimes = unreadable.length > 0;
    return { ...(await compare({ before: was, after: now, lacksRuntimes }, config)), unreadable };
  }
  const old = await readInput([path], streams.stdin);
  const all = eachOnce([...unreadable, ...old.unreadable]);
  // The old services use the runtimes and claims of their own files, and otherwise those of the new services.
  const around = input.items.filter(({ part }) => part !== 'service');
  const theirs = await surroundingsOf(given, [...around, ...old.items], all);
  const was: Side = {
    objects: old.items.filter(({ part }) => part === 'service').map(({ object }) => object),
    cluster: theirs.cluster,
    complete: old.unreadable.length === 0,
  };
  return {
    ...(await compare({ before: was, after: now, lacksRuntimes: all.length > 0 }, config)),
    unreadable: all,
  };
}

async function each(
  objects: readonly unknown[],
  cluster: Session['cluster'],
  config: Config,
  phase: 'mutate' | 'validate',
): Promise<readonly PlannedService[]> {
  const services: PlannedService[] = [];
  for (const object of objects)
    services.push({ assessment: await assess(object, cluster, config, phase), change: null, fit: null });
  return services;
}
