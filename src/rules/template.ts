/**
 * KServe can execute the templates in the head's container.
 *
 * Reads: all texts of the head and of a transformer-container, each merged with the runtime's; args, command and env of
 * the worker container. Where both have mounts or ports, nothing is said of texts in those of the runtime.
 * Denied: `{{ ... }}` that Go's text/template can't execute over the service's metadata, such as the chat template of a
 * model. Nothing is said of a container whose args and command are too long to be held.
 * Warned: `{{.Name}}` and the like in the worker, which KServe leaves as it stands.
 * Why: KServe executes the head's container as a template, so that `{{.Name}}` becomes the service's name. Where that
 * fails, nothing is deployed, and only the controller's log says why.
 * Source: docs/kserve.md, Merge of service and runtime, Services that KServe admits and cannot run.
 */
import type { ContainerView, Word } from '../kserve/container.ts';
import { mergedPairs, transformerIn, type MergedPair } from '../kserve/merge.ts';
import { failingPlaceholders, hasBraces, mergedWords, type Placeholder } from '../kserve/placeholders.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { KnownMetadata } from '../kserve/template.ts';
import type { ServiceView } from '../kserve/view.ts';
import { quote, visible } from '../lib/text.ts';
import type { Report, Rule } from './rule.ts';

export const rule: Rule = {
  id: 'template',
  summary: "KServe can execute the templates in the head's container",
  needsPlan: true,
  *checkService({ service, runtime }) {
    if (service.worker === null || service.model === null) return;
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const known = metadataOf(service);
    for (const pair of mergedPairs(service, found)) {
      const { ofRuntime, own } = pair;
      const mayHave = (own !== null && hasBraces(own)) || (ofRuntime !== null && hasBraces(ofRuntime));
      if (mayHave) yield* problems(pair, known, found);
    }
  },
  *checkRuntime({ runtime }) {
    if (runtime.worker === null) return;
    const container = (role: MergedPair['role'], ofRuntime: MergedPair['ofRuntime']): MergedPair => ({
      role,
      ofRuntime: null,
      own: ofRuntime,
    });
    yield* problems(container('head', runtime.head), NOTHING_KNOWN, null);
    yield* problems(container('transformer', transformerIn(runtime.containers)), NOTHING_KNOWN, null);
    yield* problems(container('worker', runtime.worker.container), NOTHING_KNOWN, null);
  },
};

const NOTHING_KNOWN: KnownMetadata = { name: null, namespace: null, labels: null, annotations: null };

function metadataOf({ name, namespace, labels, annotations }: ServiceView): KnownMetadata {
  return { name, namespace, labels, annotations };
}

/** @param runtime what the pair's runtime is called in a message about a service; null in one about a runtime */
function* problems(
  { role, ofRuntime, own }: MergedPair,
  known: KnownMetadata,
  runtime: RuntimeView | null,
): Iterable<Report> {
  let inherited: ReadonlySet<string> | undefined;
  const where = ({ field }: Word): string => {
    inherited ??= new Set(ofRuntime === null ? [] : allWords(ofRuntime).map((word) => word.field));
    return inherited.has(field) ? ` in the ${runtime?.kind} ${quote(runtime?.name)}` : '';
  };
  if (role !== 'worker') {
    for (const word of failingPlaceholders(ofRuntime, own, known)) yield failing(word, where(word));
    return;
  }
  for (const word of mergedWords(ofRuntime, own)) {
    if (!word.text.includes('{{')) continue;
    const [placeholder] = PLACEHOLDER.exec(word.text) ?? [];
    if (placeholder !== undefined) yield leftAlone(word, placeholder, where(word));
  }
}

function allWords(container: ContainerView): readonly Word[] {
  return [...mergedWords(container, null), ...container.bracedTexts];
}

/** A placeholder that is meant for KServe: no other program uses these names in this form. */
const PLACEHOLDER = /\{\{-?[ \t]{0,9}\.(?:Name|Namespace|Labels|Annotations)\b[^{}]{0,60}\}\}/;

function failing({ field, text, reason }: Placeholder, where: string): Report {
  const found = quote(text.slice(Math.max(0, text.indexOf('{{'))));
  const why = visible(reason);
  return {
    severity: 'deny',
    field,
    ...(where !== '' && { owner: 'runtime' as const }),
    message: `KServe executes ${found}${where} as a Go template over the service's metadata, which fails: ${why}`,
    fix: `write {{\`{{\`}} for each {{ that is not for KServe${where}, or put the text into a file; KServe offers .Name, .Namespace, .Labels and .Annotations`,
    short: `KServe can't execute the template${where}: ${why}: write {{\`{{\`}} for {{, or use a file`,
  };
}

function leftAlone({ field }: Word, placeholder: string, where: string): Report {
  const found = quote(placeholder);
  return {
    severity: 'warn',
    field,
    ...(where !== '' && { owner: 'runtime' as const }),
    message: `${found}${where} stays as it is: KServe executes templates in the head's container only`,
    fix: `write $(ISVC_NAME)${where} for the service's name, which KServe sets as env, or the value itself`,
    short: `${found}${where} stays as it is in the worker: write $(ISVC_NAME), or the value itself`,
  };
}
