/**
 * JSON values as YAML text that every reader takes for the same value: kubectl (go-yaml v2), YAML 1.1 and 1.2.
 * A string is written without quotes only if all of them read it as the same string.
 */
import { Document, isCollection, isScalar, Scalar, visit, type ScalarTag } from 'yaml';
import { stringTag } from 'yaml/util';
import { resolvePlain } from './yaml-scalar.ts';

export interface YamlStyle {
  /** Columns from one level to the next. */
  readonly indent: number;
  /** Are the dashes of a list further in than its key? */
  readonly indentLists: boolean;
  readonly quote: '"' | "'";
  /** Does every string have quotes, keys too, as in JSON? */
  readonly quoteAll: boolean;
  /** `{ a: 1 }` instead of `{a: 1}`. */
  readonly padded: boolean;
}

export const PLAIN_STYLE: YamlStyle = {
  indent: 2,
  indentLists: true,
  quote: '"',
  quoteAll: false,
  padded: false,
};

/**
 * @param isLiteral is the string at this key written line by line, without quotes and escapes?
 * @returns the value in block style, without a last line end; lines end in \n.
 */
export function blockYaml(
  value: unknown,
  style: YamlStyle,
  isLiteral: (key: string) => boolean = () => false,
): string {
  return write(value, style, false, isLiteral);
}

/** @returns the value on one line, as it may stand between brackets. */
export function flowYaml(value: unknown, style: YamlStyle): string {
  return write(value, style, true, () => false);
}

/** @returns a string as a scalar. */
export function stringYaml(text: string, { quote, quoteAll }: YamlStyle): string {
  if (!quoteAll && PLAIN.test(text) && resolvePlain(text) === text) return text;
  if (!quoteAll && quote === "'" && PRINTABLE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  // Half a surrogate pair has no place in YAML at all.
  return JSON.stringify(text.toWellFormed()).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Words, names and paths; nothing that is an indicator, a number or a time in any version of YAML. */
const PLAIN = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;
const PRINTABLE = /^[\x20-\x7E]*$/;
/** Printable characters and line ends that are one for every reader; blanks at the start would count as indentation. */
const LINES = /^[!-~][\x20-\x7E\n]*$/;
/** Characters that JSON.stringify does not escape, but that YAML forbids or reads as a line end. */
const UNPRINTABLE = /[\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;

function write(value: unknown, style: YamlStyle, flow: boolean, isLiteral: (key: string) => boolean): string {
  const strings: ScalarTag = {
    tag: 'tag:yaml.org,2002:str',
    default: true,
    identify: (given) => typeof given === 'string',
    resolve: (text) => text,
    stringify: (scalar, ...context) =>
      scalar.type === Scalar.BLOCK_LITERAL && stringTag.stringify !== undefined
        ? stringTag.stringify(scalar, ...context)
        : stringYaml(scalar.value as string, style),
  };
  const document = new Document(value, {
    aliasDuplicateObjects: false,
    customTags: (tags) => [strings, ...tags],
  });
  visit(document, {
    Pair: (_key, { key, value: at }) => {
      if (!isScalar(at) || typeof at.value !== 'string' || !LINES.test(at.value)) return;
      if (isScalar(key) && isLiteral(String(key.value))) at.type = Scalar.BLOCK_LITERAL;
    },
  });
  if (flow && isCollection(document.contents)) document.contents.flow = true;
  const text = document.toString({
    indent: style.indent,
    indentSeq: style.indentLists,
    lineWidth: 0,
    flowCollectionPadding: style.padded,
  });
  return text.replace(/\n$/, '');
}
