/**
 * YAML and JSON files, read as kubectl reads them and with the position of every field. The parser's own
 * schema is the one in which every scalar is a string: what a scalar means is decided in yaml-scalar.ts.
 */
import { Composer, LineCounter, Parser, type Document } from 'yaml';
import { rangeAt, type Range } from './yaml-position.ts';
import { valueOf, YamlProblem } from './yaml-value.ts';
import { parseJson } from '../../lib/json.ts';

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

/** Why a file is not YAML that kubectl would read, and where. */
export interface YamlError {
  readonly message: string;
  readonly place: Place;
  /** Both in one line: `file:line:column: message`. */
  readonly text: string;
}

/** Either the documents that are not empty, or the first error. */
export type YamlResult =
  | { readonly documents: readonly YamlDocument[]; readonly error: null }
  | { readonly documents: null; readonly error: YamlError };

const BYTE_ORDER_MARK = '\uFEFF';
const TOO_DEEP = 'nested too deeply';

/** @param file its name, for the error only */
export function readDocuments(text: string, file: string): YamlResult {
  const documents: YamlDocument[] = [];
  const lines = new LineCounter();
  const error = eachDocument(text, file, lines, true, (document, value) => {
    documents.push({
      value,
      parsed: document,
      place: (field) => placeOf(text, lines, rangeAt(document, field)),
    });
  });
  return error === null ? { documents: jsonValues(text, documents), error } : { documents: null, error };
}

/**
 * Reads only the values, one document after the other. Without its tokens a file takes a third of the memory, and the
 * memory of each document can be freed before the next one.
 * @param file its name, for the error only
 * @param take called with the value of each document that is not empty
 * @returns the first error; null where all could be read
 */
export function readValues(text: string, file: string, take: (value: unknown) => void): YamlError | null {
  const json = jsonValue(text);
  if (json !== undefined) {
    take(json);
    return null;
  }
  return eachDocument(text, file, new LineCounter(), false, (_document, value) => take(value));
}

function eachDocument(
  text: string,
  file: string,
  lines: LineCounter,
  tokens: boolean,
  take: (document: Document, value: unknown) => void,
): YamlError | null {
  const problemAt = (message: string, offset: number): YamlError => {
    const place = placeOf(text, lines, [offset, offset]);
    return { message, place, text: `${file}:${place.line}:${place.column}: ${message}` };
  };
  try {
    for (const document of parse(text, lines, tokens)) {
      const [problem] = document.errors;
      if (problem !== undefined) return problemAt(readable(problem.message), problem.pos[0]);
      const value = valueOf(document);
      if (value !== null) take(document, value);
    }
    return null;
  } catch (error) {
    if (error instanceof YamlProblem) return problemAt(error.message, error.offset);
    if (error instanceof RangeError) return problemAt(TOO_DEEP, 0);
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

/** As the library's parseAllDocuments, but one document at a time. */
function parse(text: string, lineCounter: LineCounter, keepSourceTokens: boolean): Iterable<Document> {
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
    keepSourceTokens,
  });
  return composer.compose(new Parser(lineCounter.addNewLine).parse(text));
}

/** JSON differs from YAML in details such as the range of numbers, so a text that is valid JSON is read as JSON. */
function jsonValues(text: string, documents: readonly YamlDocument[]): readonly YamlDocument[] {
  const [only] = documents;
  if (only === undefined || documents.length > 1) return documents;
  const value = jsonValue(text);
  return value === undefined ? documents : [{ ...only, value }];
}

/** @returns undefined for what is no object or list in JSON */
function jsonValue(text: string): unknown {
  if (!/^\uFEFF?\s*[{[]/.test(text)) return undefined;
  return parseJson(text.replace(/^\uFEFF/, ''));
}

/** The parser is recursive: when the nesting is too deep, it reports a stack overflow like any other error. */
function readable(message: string): string {
  return message.includes('call stack') ? TOO_DEEP : (message.split('\n')[0] ?? message);
}
