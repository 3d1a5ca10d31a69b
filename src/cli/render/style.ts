/** How the author of a YAML document writes: what is added to it should look as if it were theirs. */
import { isMap, isScalar, isSeq, Scalar, visit, type Document } from 'yaml';
import { PLAIN_STYLE, type YamlStyle } from '../shared/yaml-write.ts';
import { blockToken } from './tokens.ts';

export interface AuthorStyle extends YamlStyle {
  /** Columns from a key to the dashes of its list. */
  readonly listOffset: number;
  /** The line end. */
  readonly eol: string;
  /** Is there a space behind the colons and commas between brackets? */
  readonly spaced: boolean;
}

/** @param text the file that the document is in */
export function styleOf(text: string, document: Document): AuthorStyle {
  let indent: number | null = null;
  let listOffset: number | null = null;
  let quote: '"' | "'" | null = null;
  let padded: boolean | null = null;
  let spaced: boolean | null = null;
  visit(document, {
    Pair(_key, { value }, path) {
      const outer = blockToken(path.at(-1));
      const inner = blockToken(value);
      if (outer === null || inner === null) return;
      if (isMap(value)) indent ??= inner.indent - outer.indent;
      if (isSeq(value)) listOffset ??= inner.indent - outer.indent;
    },
    Scalar(_key, scalar) {
      if (scalar.type === Scalar.QUOTE_DOUBLE) quote ??= '"';
      if (scalar.type === Scalar.QUOTE_SINGLE) quote ??= "'";
    },
    Map(_key, map) {
      const [first] = map.items;
      if (map.flow !== true || !isScalar(first?.key)) return;
      const start = map.range?.[0] ?? 0;
      padded ??= text[start + 1] === ' ';
      spaced ??= /^\s*:\s/.test(text.slice(first.key.range?.[1]));
    },
  });
  indent ??= PLAIN_STYLE.indent;
  listOffset ??= 2;
  return {
    indent,
    listOffset,
    indentLists: listOffset >= indent,
    quote: quote ?? PLAIN_STYLE.quote,
    quoteAll: false,
    padded: padded ?? PLAIN_STYLE.padded,
    spaced: spaced ?? true,
    eol: /\r?\n/.exec(text)?.[0] ?? '\n',
  };
}
