/**
 * YAML and JSON files, read as kubectl reads them and with the position of every field. The parser's own
 * schema is the one in which every scalar is a string: what a scalar means is decided in yaml-scalar.ts.
 */
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { offsetAt } from './yaml-position.ts';
import { valueOf, YamlProblem } from './yaml-value.ts';

/** Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  readonly value: unknown;
  /** @returns the position of a field's key or list item; its nearest existing parent's where it is absent */
  readonly position: (field: string) => Position;
}

/** Either the documents that are not empty, or one line `file:line:column: what is wrong`. */
export type YamlResult =
  | { readonly documents: readonly YamlDocument[]; readonly error: null }
  | { readonly documents: null; readonly error: string };

const TOO_DEEP = 'nested too deeply';

/** @param file its name, for the error only */
export function readDocuments(text: string, file: string): YamlResult {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fail = (message: string, offset: number): YamlResult => {
    const { line, column } = position(offset);
    return { documents: null, error: `${file}:${line}:${column}: ${message}` };
  };
  try {
    const documents: YamlDocument[] = [];
    for (const document of parse(text, lines)) {
      const [problem] = document.errors;
      if (problem !== undefined) return fail(readable(problem.message), problem.pos[0]);
      const value = valueOf(document);
      if (value === null) continue;
      documents.push({ value, position: (field) => position(offsetAt(document, field)) });
    }
    return { documents: jsonValues(text, documents), error: null };
  } catch (error) {
    if (error instanceof YamlProblem) return fail(error.message, error.offset);
    if (error instanceof RangeError) return fail(TOO_DEEP, 0);
    throw error;
  }
}

function parse(text: string, lineCounter: LineCounter): readonly Document[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  });
  return 'empty' in documents ? [] : documents;
}

/** JSON is YAML but for details such as the range of its numbers: where it parses as JSON, that counts. */
function jsonValues(text: string, documents: readonly YamlDocument[]): readonly YamlDocument[] {
  const [only] = documents;
  if (only === undefined || documents.length > 1 || !/^\uFEFF?\s*[{[]/.test(text)) return documents;
  try {
    return [{ ...only, value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown }];
  } catch {
    return documents;
  }
}

/** The parser calls itself for each level of nesting, and reports an exhausted stack as it reports the rest. */
function readable(message: string): string {
  return message.includes('call stack') ? TOO_DEEP : (message.split('\n')[0] ?? message);
}
