/** `headcount lint`: every finding with its file, line and column. */
import { assess } from '../admission/assess.ts';
import { assessRuntime } from '../admission/assess-runtime.ts';
import { visibleLine } from '../plain.ts';
import type { Finding } from '../rules/rule.ts';
import { readRuntime } from '../isvc/runtime.ts';
import type { Run } from './command.ts';
import { findingLines } from './finding-text.ts';
import type { Item } from './input.ts';
import { nameOf } from './plan-json.ts';
import { exitCode, nothingFound, openSession, skippedLine } from './session.ts';
import { styleOf } from './streams.ts';
import { tally, tallyText } from './tally.ts';
import type { Place } from './yaml.ts';

interface Located {
  readonly item: Item;
  /** null for a ClusterServingRuntime. */
  readonly namespace: string | null;
  readonly name: string;
  readonly place: Place;
  readonly finding: Finding;
}

export const lint: Run = async (given, streams) => {
  const { config, input, services, cluster } = await openSession(given, streams);
  const located: Located[] = [];
  const judged = input.items.filter(({ part }) => part === 'service' || part === 'runtime');
  if (judged.length === 0) throw nothingFound('InferenceService or runtime', given, input);
  for (const item of judged) {
    const locate = (namespace: string | null, name: string, findings: readonly Finding[]): void => {
      for (const finding of findings) {
        located.push({ item, namespace, name, place: item.place(finding.field), finding });
      }
    };
    if (item.part === 'service') {
      const { service, findings } = await assess(item.object, cluster, config);
      locate(service.namespace, nameOf(service), findings);
    } else {
      const { namespace, name } = readRuntime(item.object);
      locate(namespace, name, await assessRuntime(item.object, cluster, config));
    }
  }

  const findings = located.map(({ finding }) => finding);
  const summary = { files: input.files, services: services.length, ...tally(findings) };
  if (given.text('output') === 'json') {
    const document = { schemaVersion: 1, findings: located.map(findingJson), summary };
    streams.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const style = styleOf(streams);
    const lines = located.flatMap(({ item, place, finding }) => {
      const [first = '', ...rest] = findingLines(finding, style);
      return [`${visibleLine(item.file)}:${place.line}:${place.column} ${first}`, ...rest];
    });
    streams.stdout.write(`${[...lines, tallyText(findings, services.length, input.files)].join('\n')}\n`);
    streams.stderr.write(skippedLine(input));
  }
  return exitCode(findings, given);
};

function findingJson({ item, namespace, name, place, finding }: Located): object {
  const { rule, severity, field, message, fix } = finding;
  return {
    file: item.file,
    line: place.line,
    column: place.column,
    namespace,
    name,
    rule,
    severity,
    field,
    message,
    fix,
    suppressed: false,
  };
}
