/** `headcount render`: manifests as headcount would store them, to be committed to Git. */
import { assess } from '../../admission/assess-as-enforced.ts';
import type { Assessment } from '../../admission/assess.ts';
import { asCommitted } from '../../mutation/committed.ts';
import { visibleLine } from '../../lib/text.ts';
import type { Arguments } from '../shared/args.ts';
import type { Run } from '../shared/command.ts';
import { titleOf, whereText } from '../planned/words.ts';
import { fieldInFile, findingLines } from '../shared/finding-text.ts';
import type { Item, Source } from '../shared/items.ts';
import { patchLines, tellUnreadable, UNREADABLE_INPUT } from '../shared/left-out.ts';
import { writeOutputs } from '../shared/outputs.ts';
import { UsageError } from '../shared/refusal.ts';
import { concatenated } from './concatenate.ts';
import { withServices } from './with-services.ts';
import { exitCode, openSession } from '../shared/session.ts';
import { styleOf, type Streams } from '../shared/streams.ts';

interface Judged {
  readonly item: Item;
  readonly assessment: Assessment;
}

interface Rendered {
  readonly source: Source;
  readonly text: string;
  /** Would a cluster refuse a service in it? */
  readonly denied: boolean;
}

export const render: Run = async (given, streams) => {
  checkUse(given);
  const { config, input, services, cluster, unreadable } = await openSession(given, streams);
  const judged: Judged[] = [];
  for (const item of services) judged.push({ item, assessment: await assess(item.object, cluster, config) });

  const rendered = input.sources.map((source): Rendered => {
    const here = judged.filter(({ item }) => item.source === source);
    const changes = here.map(({ item, assessment }) => ({ item, object: asCommitted(assessment.stored) }));
    return {
      source,
      text: withServices(source, changes),
      denied: here.some(({ assessment }) => isDenied(assessment)),
    };
  });
  for (const one of judged) showFindings(one, streams);
  streams.stderr.write(patchLines(input));
  tellUnreadable('render', unreadable, streams);
  const findings = judged.flatMap(({ assessment }) => assessment.findings);
  const code = unreadable.length > 0 ? UNREADABLE_INPUT : exitCode(findings, given);
  if (given.has('check')) return Math.max(code, listChanged(rendered, streams));
  if (given.has('write')) await writeFiles(rendered, streams);
  else streams.stdout.write(concatenated(rendered.map(({ text }) => text)));
  return code;
};

function checkUse(given: Arguments): void {
  if (given.has('write') && given.has('check')) {
    throw new UsageError('--write and --check exclude each other');
  }
  if (given.has('write') && given.files.includes('-')) {
    throw new UsageError('--write changes files, and standard input is none');
  }
}

function isDenied({ findings }: Assessment): boolean {
  return findings.some(({ severity }) => severity === 'deny');
}

/** Shows the findings that `kubectl apply` would show. Only lint shows notes. */
function showFindings({ item, assessment }: Judged, streams: Streams): void {
  const where = whereText(assessment);
  if (where !== null) streams.stderr.write(`${visibleLine(item.file)}: ${titleOf(assessment)}: ${where}\n`);
  const style = styleOf({ ...streams, stdout: streams.stderr });
  for (const finding of assessment.findings) {
    if (finding.severity === 'note') continue;
    const { line, column } = item.place(fieldInFile(finding, assessment.service));
    const lines = findingLines(finding, style).join('\n');
    streams.stderr.write(`${visibleLine(item.file)}:${line}:${column} ${lines}\n`);
  }
}

/** @returns the exit code: 1 where a file is listed. */
function listChanged(rendered: readonly Rendered[], { stdout }: Streams): number {
  const changed = rendered.filter((one) => isChanged(one) && !one.denied);
  for (const { source } of changed) stdout.write(`${visibleLine(source.file)}\n`);
  return changed.length === 0 ? 0 : 1;
}

/**
 * Writes only files that change and have no denied service. The numbers of a denied service are computed from values
 * that are wrong, and once they are in the file headcount would take them for the author's own.
 */
async function writeFiles(rendered: readonly Rendered[], streams: Streams): Promise<void> {
  const changed = rendered.filter(isChanged);
  const written = changed.filter(({ denied }) => !denied);
  await writeOutputs(
    written.map(({ source, text }) => ({ path: source.path, text })),
    streams,
  );
  for (const { source, denied } of rendered.filter((one) => isChanged(one) || one.denied)) {
    const name = visibleLine(source.file);
    streams.stderr.write(denied ? `not written: ${name} (denied)\n` : `written: ${name}\n`);
  }
}

function isChanged({ source, text }: Rendered): boolean {
  return text !== source.text;
}
