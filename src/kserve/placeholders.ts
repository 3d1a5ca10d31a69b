/**
 * Placeholders such as `{{.Name}}` in the head's container: KServe writes the merged container as JSON, executes the
 * text as a Go template over the service's metadata, and reads the result as JSON again (docs/kserve.md, Merge of
 * service and runtime). Inside `{{ }}` a quote is therefore \" and < is \u003c, which no template may contain.
 */
import { parseJson } from '../lib/json.ts';
import { oncePer } from '../lib/once.ts';
import type { ContainerView, EnvEntry, Word } from './container.ts';
import { checkTemplate, type KnownMetadata } from './template.ts';

export interface Placeholder extends Word {
  /** Why KServe can't execute it. */
  readonly reason: string;
}

/** A container whose templates have more characters is not judged. */
const MOST_TEXT = 64 * 1024;
/** Words with a template that are judged one by one. */
const MOST_WORDS = 1_000;

/** @returns the words that make KServe fail; none where args and command of the container are not known */
export function failingPlaceholders(
  ofRuntime: ContainerView | null,
  own: ContainerView | null,
  known: KnownMetadata,
): readonly Placeholder[] {
  if (ofRuntime?.unread === true || own?.unread === true) return NOTHING;
  const isSafe = ofRuntime === null || !mayFail(ofRuntime);
  if (isSafe && (own === null || !hasOtherTemplate(own))) return NOTHING;
  const others = mergedTexts(ofRuntime, own);
  if (others === null) return NOTHING;
  const words = [...mergedWords(ofRuntime, own), ...others];
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

/** `{{.Name}}` is always valid, whatever the service's name is, and few runtimes use another template. */
const OTHER_TEMPLATE = /\{\{(?!\.Name\}\})/;

function hasOtherTemplate(container: ContainerView): boolean {
  return someText(container, (text) => OTHER_TEMPLATE.test(text));
}

/** A runtime's container is judged again for each service on it. */
const mayFail = oncePer(hasOtherTemplate);

/** Has the container `{{` anywhere in the texts that KServe merges? */
export function hasBraces(container: ContainerView): boolean {
  return someText(container, (text) => text.includes('{{'));
}

function someText(
  { command, args, env, bracedTexts }: ContainerView,
  test: (text: string) => boolean,
): boolean {
  const isIt = ({ text }: Word): boolean => test(text);
  return (
    command.some(isIt) ||
    args.some(isIt) ||
    env.some(({ value }) => test(value ?? '')) ||
    bracedTexts.some(isIt)
  );
}

const NOTHING: readonly Placeholder[] = [];

/** @returns what KServe's merge leaves of args, command and env of a container */
export function mergedWords(ofRuntime: ContainerView | null, own: ContainerView | null): readonly Word[] {
  const command = own !== null && own.command.length > 0 ? own.command : (ofRuntime?.command ?? []);
  return [
    ...command,
    ...(ofRuntime?.args ?? []),
    ...(own?.args ?? []),
    ...mergedEnv(ofRuntime?.env ?? [], own?.env ?? []).map(({ field, value }) => ({
      field,
      text: value ?? '',
    })),
  ];
}

/** @returns what KServe's merge leaves of the texts with `{{` in other fields; null where that is open */
function mergedTexts(ofRuntime: ContainerView | null, own: ContainerView | null): readonly Word[] | null {
  const inherited = ofRuntime?.bracedTexts ?? [];
  if (own === null || ofRuntime === null) return own?.bracedTexts ?? inherited;
  const remaining = inherited.length === 0 ? inherited : ofRuntime.bracedTextsUnder(own);
  return remaining && [...remaining, ...own.bracedTexts];
}

/** KServe merges each entry into the first entry of the same name. If one list is empty, the other stays as it is. */
function mergedEnv(ofRuntime: readonly EnvEntry[], own: readonly EnvEntry[]): readonly EnvEntry[] {
  if (own.length === 0 || ofRuntime.length === 0) return own.length === 0 ? ofRuntime : own;
  const merged = [...ofRuntime];
  const places = new Map<string, number>();
  for (const [place, { name }] of merged.entries()) if (!places.has(name)) places.set(name, place);
  for (const entry of own) {
    const place = places.get(entry.name);
    if (place === undefined) places.set(entry.name, merged.push(entry) - 1);
    else if (entry.value !== null) merged[place] = entry;
  }
  return merged;
}

/** @param json text of JSON as Go writes it */
function problemOf(json: string, known: KnownMetadata): string | null {
  const found = checkTemplate(json, known);
  if (found.answer === 'fails') return found.reason;
  const breaking = found.printed.filter((text) => parseJson(`"${text}"`) === undefined);
  // Two templates that print quotes may make valid JSON together.
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
