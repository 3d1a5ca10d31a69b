/**
 * Placeholders such as `{{.Name}}` in the head's container: KServe writes the merged container as JSON, executes the
 * text as a Go template over the service's metadata, and reads the result as JSON again (docs/kserve.md, Merge of
 * service and runtime). Inside `{{ }}` a quote is therefore \" and < is \u003c, which no template may contain.
 */
import { parseJson } from '../lib/json.ts';
import type { ContainerView, EnvEntry, Word } from './container.ts';
import { checkTemplate, type KnownMetadata } from './template.ts';

export interface Placeholder extends Word {
  /** Why KServe can't execute it. */
  readonly reason: string;
}

/** Characters of one container that are judged; nothing is said of longer ones. */
const MOST_TEXT = 64 * 1024;
/** Words with a template that are judged one by one. */
const MOST_WORDS = 1_000;

/** @returns the words that make KServe fail; none where args and command of the container are not known */
export function failingPlaceholders(
  ofRuntime: ContainerView | null,
  own: ContainerView | null,
  known: KnownMetadata,
): readonly Placeholder[] {
  if (ofRuntime?.unread === true || own?.unread === true) return [];
  const words = mergedWords(ofRuntime, own);
  const candidates = words.filter(({ text }) => text.includes('{{'));
  if (candidates.length === 0 || lengthOf(candidates) > MOST_TEXT) return [];
  const failing = candidates.slice(0, MOST_WORDS).flatMap((word) => {
    const reason = problemOf(asGoWrites(word.text), known);
    return reason === null ? [] : [{ ...word, reason }];
  });
  // What begins in one word may end in another: {{if .Name}} and {{end}}.
  const together = lengthOf(words) > MOST_TEXT ? candidates : words;
  return failing.length > 0 &&
    problemOf(together.map(({ text }) => asGoWrites(text)).join(','), known) !== null
    ? failing
    : [];
}

/** @returns what KServe's merge leaves of args, command and env of a container */
export function mergedWords(ofRuntime: ContainerView | null, own: ContainerView | null): readonly Word[] {
  const command = own !== null && own.command.length > 0 ? own.command : (ofRuntime?.command ?? []);
  const env = new Map<string, EnvEntry>();
  for (const entry of [...(ofRuntime?.env ?? []), ...(own?.env ?? [])]) {
    if (entry.value !== null) env.set(entry.name, entry);
  }
  return [
    ...command,
    ...(ofRuntime?.args ?? []),
    ...(own?.args ?? []),
    ...[...env.values()].map(({ field, value }) => ({ field, text: value ?? '' })),
  ];
}

/** @param json text of JSON as Go writes it */
function problemOf(json: string, known: KnownMetadata): string | null {
  const found = checkTemplate(json, known);
  if (found.answer === 'fails') return found.reason;
  const breaking = found.printed.filter((text) => parseJson(`"${text}"`) === undefined);
  // Two that print quotes may make valid JSON together.
  return breaking.length === 1 ? `it prints ${breaking[0]}, which is no JSON` : null;
}

/** encoding/json escapes what HTML gives a meaning to. */
function asGoWrites(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function lengthOf(words: readonly Word[]): number {
  return words.reduce((sum, { text }) => sum + text.length, 0);
}
