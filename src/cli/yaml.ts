/**
 * YAML and JSON files, read as kubectl reads them and with the position of every field. The parser's own
 * schema is the one in which every scalar is a string: what a scalar means is decided in yaml-scalar.ts.
 */
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { rangeAt, type Range } from './yaml-position.ts';
import { valueOf, YamlProblem } from './yaml-value.ts';

/**
 * A token on one line; of one that goes over several lines, the part on its first. Lines and columns count
 * from 1, columns in UTF-16 units; a byte order mark has none.
 */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The column after its last character; `column` where nothing is there. */
  readonly endColumn: number;
  /** The line that it stands on, without its end. */
  readonly source: string;
}

export interface YamlDocument {
  readonly value: unknown;
  /** As the parser gives it, every scalar a string, with the tokens it was made of. */
  readonly parsed: Document;
  /** @returns the place of a field's key or list item; its nearest existing parent's where it is absent */
  readonly place: (field: string) => Place;
}

/** Either the documents that are not empty, or one line `file:line:column: what is wrong`. */
export type YamlResult =
  | { readonly documents: readonly YamlDocument[]; readonly error: null }
  | { readonly documents: null; readonly error: string };

const BYTE_ORDER_MARK = '\uFEFF';
const TOO_DEEP = 'nested too deeply';

/** @param file its name, for the error only */
export function readDocuments(text: string, file: string): YamlResult {
  const lines = new LineCounter();
  const fail = (message: string, offset: number): YamlResult => {
    const { line, column } = placeOf(text, lines, [offset, offset]);
    return { documents: null, error: `${file}:${line}:${column}: ${message}` };
  };
  try {
    const documents: YamlDocument[] = [];
    for (const document of parse(text, lines)) {
      const [problem] = document.errors;
      if (problem !== undefined) return fail(readable(problem.message), problem.pos[0]);
      const value = valueOf(document);
      if (value === null) continue;
      documents.push({
        value,
        parsed: document,
        place: (field) => placeOf(text, lines, rangeAt(document, field)),
      });
    }
    return { documents: jsonValues(text, documents), error: null };
  } catch (error) {
    if (error instanceof YamlProblem) return fail(error.message, error.offset);
    if (error instanceof RangeError) return fail(TOO_DEEP, 0);
    throw error;
  }
}

function placeOf(text: string, lines: LineCounter, [start, end]: Range): Place {
  const line = Math.max(lines.linePos(start).line, 1);
  const from = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? 1 : (lines.lineStarts[line - 1] ?? 0);
  const [source] = /^[^\r\n]*/.exec(text.slice(from)) ?? [''];
  const column = Math.max(start - from, 0) + 1;
  return { line, column, endColumn: Math.max(Math.min(end - from, source.length) + 1, column), source };
}

function parse(text: string, lineCounter: LineCounter): readonly Document[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
    keepSourceTokens: true,
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
