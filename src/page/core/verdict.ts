/**
 * The page's text through the same functions as a command's: what `headcount plan -`, `lint -` and `render -` say of it,
 * with the field of runtimes and claims as --catalog. With nodes among the objects the plan is that of --fit.
 */
import { assess } from '../../admission/assess-as-enforced.ts';
import { Catalogue } from '../../cluster/catalogue.ts';
import { DEFAULTS, type Config } from '../../config/config.ts';
import { RULE_PAGES } from '../../config/docs-url.ts';
import { Stock } from '../../fit/stock.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { asCommitted } from '../../mutation/committed.ts';
import type { ModelUnderTest } from '../../rules/subject.ts';
import { judge, lintedService, notAsked, unreadableObject, withoutRepeats } from '../../cli/lint/judge.ts';
import type { LintReport } from '../../cli/lint/report.ts';
import { withFit } from '../../cli/planned/fit.ts';
import type { PlannedService, PlanReport } from '../../cli/planned/report.ts';
import { withServices } from '../../cli/render/with-services.ts';
import {
  batchOf,
  extentOf,
  STDIN_NAME,
  takeObjects,
  type Batch,
  type Source,
} from '../../cli/shared/items.ts';
import { nothingFound } from '../../cli/shared/left-out.ts';
import { factsIn, gpuMemoryIn } from '../../cli/shared/model-text.ts';
import { Refusal } from '../../cli/shared/refusal.ts';
import { releaseInUse, withVersion } from '../../cli/shared/release.ts';
import { UnreadableFile } from '../../cli/shared/unreadable.ts';
import type { Preloaded } from './preloaded.ts';
import type { State } from './state.ts';

/** What an error line calls the input, as the commands do. */
const INPUT = 'standard input';
/** What findings call the field of runtimes and claims. */
export const CATALOG_NAME = 'runtimes and claims';

/** A result, or why there is none. */
export type Result<T> = { readonly value: T; readonly refusal: null } | Refused;
interface Refused {
  readonly value: null;
  /** One line. */
  readonly refusal: string;
}

export interface Verdict {
  readonly plan: Result<PlanReport>;
  readonly lint: Result<LintReport>;
  /** The text with the services as headcount stores them. */
  readonly stored: Result<string>;
  readonly release: ReleaseInForce;
  /** Why the model is not asked about; '' where it is, and where there is none. */
  readonly modelProblem: string;
}

export async function verdictOn(state: State, preloaded: Preloaded): Promise<Verdict> {
  const { model, problem } = modelOf(state);
  const version = state.version === 'auto' ? preloaded.version : state.version;
  const config: Config = { ...withVersion(DEFAULTS, version), ...(model && { model }) };
  const source: Source = { file: STDIN_NAME, path: null, text: state.manifest };
  const read = readable(() => batchOf(source, () => null));
  const { catalogue, stock, unreadable } = around(read, state, preloaded);
  const release = await releaseInUse(catalogue, config);
  const broken = read instanceof UnreadableFile ? [read] : [];
  const batch = read instanceof UnreadableFile ? { ...NOTHING, source } : read;
  const { services, objects, stored } = await judged(batch, catalogue, config);

  const hasNodes = stock.nodes.length > 0;
  const plan: PlanReport = {
    services: hasNodes ? withFit(services, stock) : services,
    comparison: null,
    ground: hasNodes ? stock.ground() : null,
    skipped: batch.skipped,
    release,
    unreadable: [...broken, ...unreadable],
    explained: true,
  };
  const lint: LintReport = {
    files: 1,
    services: services.length,
    kserveVersion: release.release.name,
    objects: [...broken.map(unreadableObject), ...objects, ...unreadable.map(unreadableObject)],
    notAsked: notAsked(config),
    docsUrl: RULE_PAGES,
    failing: ['deny'],
  };
  const unlessNone = <T>(value: T, found: number, what: string): Result<T> =>
    found > 0 ? { value, refusal: null } : refused(nothingFound(what, INPUT, batch));
  return {
    plan: unlessNone(plan, services.length + plan.unreadable.length, 'InferenceService'),
    lint: unlessNone(lint, lint.objects.length, 'InferenceService or runtime'),
    stored: attempt(() => withServices(source, stored)),
    release,
    modelProblem: problem,
  };
}

interface Judged {
  readonly services: readonly PlannedService[];
  readonly objects: LintReport['objects'];
  readonly stored: Parameters<typeof withServices>[1];
}

/** Each service is assessed once, for the plan as for its findings. */
async function judged({ items }: Batch, catalogue: Catalogue, config: Config): Promise<Judged> {
  const services: Judged['services'][number][] = [];
  const objects: Judged['objects'][number][] = [];
  const stored: Judged['stored'][number][] = [];
  for (const item of items) {
    if (item.part === 'service') {
      const assessment = await assess(item.object, catalogue, config);
      services.push({ assessment, change: null, fit: null });
      objects.push(lintedService(item, items, assessment));
      stored.push({ item, object: asCommitted(assessment.stored) });
    } else {
      const found = await judge(item, items, catalogue, config);
      if (found !== null) objects.push(found);
    }
  }
  return { services, objects: withoutRepeats(objects), stored };
}

const NOTHING: Omit<Batch, 'source'> = { items: [], skipped: 0, kinds: [], reviews: 0, patches: [] };

function refused({ message }: Refusal): Refused {
  return { value: null, refusal: message };
}

function attempt<T>(work: () => T): Result<T> {
  try {
    return { value: work(), refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(error);
  }
}

/** @returns the result, or which text can't be read */
function readable<T>(read: () => T): T | UnreadableFile {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableFile) return error;
    throw error;
  }
}

interface Surroundings {
  /** The cluster that the services are judged against. */
  readonly catalogue: Catalogue;
  /** Its nodes, pods and quotas. */
  readonly stock: Stock;
  /** The field of runtimes and claims, where it can't be read. */
  readonly unreadable: readonly UnreadableFile[];
}

function around(read: Batch | UnreadableFile, { catalog }: State, preloaded: Preloaded): Surroundings {
  const items = read instanceof UnreadableFile ? [] : read.items;
  const hasCatalogue = catalog.trim() !== '' || preloaded.from !== '';
  const catalogue = new Catalogue(extentOf(items, hasCatalogue));
  const stock = new Stock();
  const add = (object: unknown): void => {
    catalogue.add(object);
    stock.add(object);
  };
  preloaded.objects.forEach(add);
  const problem = readable(() => takeObjects(CATALOG_NAME, catalog, add));
  for (const { object } of items) add(object);
  const unreadable = problem instanceof UnreadableFile ? [problem] : [];
  if (unreadable.length > 0 || read instanceof UnreadableFile) catalogue.lacksFiles();
  return { catalogue, stock, unreadable };
}

interface Model {
  readonly model: ModelUnderTest | null;
  readonly problem: string;
}

function modelOf({ modelConfig, gpuMemory }: State): Model {
  if (modelConfig.trim() === '') return { model: null, problem: '' };
  const read = attempt(() => ({
    facts: factsIn(modelConfig, 'config.json'),
    gpuMemory: gpuMemory.trim() === '' ? null : gpuMemoryIn(gpuMemory.trim()),
  }));
  return { model: read.value, problem: read.refusal ?? '' };
}
