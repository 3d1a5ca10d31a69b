/** `headcount lint`: every finding with its file, line and column, in one or more formats. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { RULE_PAGES } from '../../config/docs-url.ts';
import type { Run } from '../shared/command.ts';
import { leftOutOf, type LeftOut } from '../shared/items.ts';
import {
  nothingFound,
  patchLines,
  skippedLine,
  tellUnreadable,
  UNREADABLE_INPUT,
} from '../shared/left-out.ts';
import { github } from './github.ts';
import { json } from './json.ts';
import { judge, notAsked, unreadableObject, withoutRepeats } from './judge.ts';
import { junit } from './junit.ts';
import { openFindings, type Format, type LintedObject, type LintReport } from './report.ts';
import { Pass } from './pass.ts';
import { sarif } from './sarif.ts';
import { text } from './text.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { checkRules } from '../rule-help.ts';
import { Progress } from '../shared/progress.ts';
import { releaseInUse } from '../shared/release.ts';
import { configFor, eachOnce, exitCode, failing, sourceOf, surroundingsOf } from '../shared/session.ts';
import { styleOf, type Style } from '../shared/streams.ts';
import { UnreadableFile } from '../shared/unreadable.ts';

const FORMATS = { text, json, sarif, github, junit } satisfies Record<string, Format>;
const IN_A_FILE: Style = { colour: false, unicode: true };

export const lint: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  const disabled = given.all('disable');
  checkRules(disabled);
  const config = without(disabled, await configFor(given, streams));
  const pass = new Pass(given.files, streams.stdin);
  const around = await pass.surroundings();
  const { cluster, unreadable } = await surroundingsOf(given, around.items, around.unreadable);
  const { release } = await releaseInUse(cluster, config);
  const found = await judged(pass, cluster, config, new Progress(streams));
  const broken = eachOnce([...found.unreadable, ...unreadable]);
  const ofCatalogue = broken.filter((one) => !found.unreadable.includes(one));
  const objects = [...found.objects, ...ofCatalogue.map(unreadableObject)];
  if (objects.length === 0) throw nothingFound('InferenceService or runtime', sourceOf(given), found);
  const report: LintReport = {
    files: pass.files.length,
    services: found.services,
    kserveVersion: release.name,
    objects,
    notAsked: notAsked(config),
    docsUrl: config.docsUrl || RULE_PAGES,
    failing: failing(given),
  };

  const documents: { path: string | null; text: string }[] = [];
  for (const { format, path } of outputs) {
    const style = path === null ? styleOf(streams) : IN_A_FILE;
    documents.push({ path, text: await FORMATS[format](report, style) });
  }
  await writeOutputs(documents, streams);
  const shown = outputs.some(({ format, path }) => format === 'text' && path === null);
  if (shown) streams.stderr.write(skippedLine(found));
  else tellUnreadable('lint', broken, streams);
  streams.stderr.write(patchLines(found));
  return broken.length > 0 ? UNREADABLE_INPUT : exitCode(openFindings(report), given);
};

function without(disabled: readonly string[], config: Config): Config {
  const off = Object.fromEntries(disabled.map((id) => [id, 'off' as const]));
  return { ...config, rules: { ...config.rules, ...off } };
}

interface Judged extends LeftOut {
  /** In the order of the files. A file that can't be read is an object of its own. */
  readonly objects: readonly LintedObject[];
  readonly services: number;
  readonly unreadable: readonly UnreadableFile[];
}

async function judged(pass: Pass, cluster: Cluster, config: Config, progress: Progress): Promise<Judged> {
  const objects: LintedObject[] = [];
  const unreadable: UnreadableFile[] = [];
  let leftOut: LeftOut = { skipped: 0, reviews: 0, kinds: [], patches: [] };
  let [files, services] = [0, 0];
  try {
    for await (const batch of pass.batches()) {
      files += 1;
      progress.show(() => `${files} of ${pass.files.length} files ...`);
      if (batch instanceof UnreadableFile) {
        unreadable.push(batch);
        objects.push(unreadableObject(batch));
        continue;
      }
      const ofFile: LintedObject[] = [];
      for (const item of batch.items) {
        if (item.part === 'service') services += 1;
        const found = await judge(item, batch.items, cluster, config);
        if (found !== null) ofFile.push(found);
      }
      // Copied, because V8 keeps a whole text in memory while any part of it is in use.
      for (const object of withoutRepeats(ofFile)) objects.push(structuredClone(object));
      leftOut = leftOutOf([leftOut, batch]);
    }
  } finally {
    progress.end();
  }
  return { objects, services, unreadable, ...leftOut };
}
