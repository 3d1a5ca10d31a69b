/**
 * The many ways in which people write the same manifests: block and flow style, quotes, indents, comments,
 * anchors, line ends, JSON. For tests that must handle all of them.
 */
import fc from 'fast-check';
import { Document, isCollection, isScalar, visit, type Node } from 'yaml';
import type { Loose } from '../rules/cases.ts';

export interface Hand {
  readonly seed: number;
  readonly form: 'block' | 'mixed' | 'json' | 'json on lines' | 'json with tabs';
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly padded: boolean;
  readonly comments: boolean;
  /** Are equal parts written once, with an anchor? */
  readonly anchors: boolean;
  readonly lineEnd: '\n' | '\r\n';
  readonly mark: boolean;
  readonly finalLineEnd: boolean;
  readonly around: 'nothing' | 'List' | 'typed list' | 'documents';
}

export const hands: fc.Arbitrary<Hand> = fc.record({
  seed: fc.nat(),
  form: fc.constantFrom(
    'block',
    'block',
    'block',
    'mixed',
    'mixed',
    'json',
    'json on lines',
    'json with tabs',
  ),
  indent: fc.constantFrom(2, 4, 3),
  indentSeq: fc.boolean(),
  padded: fc.boolean(),
  comments: fc.boolean(),
  anchors: fc.integer({ min: 0, max: 2 }).map((roll) => roll === 0),
  lineEnd: fc.constantFrom('\n', '\n', '\r\n'),
  mark: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  finalLineEnd: fc.boolean(),
  around: fc.constantFrom('nothing', 'nothing', 'List', 'typed list', 'documents'),
});

const OTHER = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'other' },
  data: { a: 'yes', b: ['x', 0.5] },
};
const NOTE = 'several\nlines\n';

/** @returns the service as this hand writes it, perhaps among others. */
export function written(service: Loose, hand: Hand): string {
  const random = randomOf(hand.seed);
  const { kind, apiVersion, ...bare } = service;
  const wrapped = {
    nothing: [service],
    List: [{ apiVersion: 'v1', kind: 'List', items: [OTHER, service] }],
    'typed list': [{ apiVersion, kind: `${kind}List`, items: [bare] }],
    documents: [OTHER, service, OTHER],
  }[hand.around];
  const texts = wrapped.map((value) =>
    hand.form.startsWith('json') ? inJson(value, hand) : inYaml(value, hand, random),
  );
  // Several documents make JSON into YAML, and YAML has no tabs.
  const text = texts.map((one) => (texts.length > 1 ? one.replaceAll('\t', '  ') : one)).join('---\n');
  const ended = hand.finalLineEnd ? text : text.replace(/\n$/, '');
  return (hand.mark ? '\uFEFF' : '') + ended.replaceAll('\n', hand.lineEnd);
}

function inJson(value: unknown, { form }: Hand): string {
  const indent = { json: undefined, 'json on lines': 2, 'json with tabs': '\t' }[form as 'json'];
  return `${JSON.stringify(value, null, indent)}\n`;
}

function inYaml(value: unknown, hand: Hand, random: () => number): string {
  const document = new Document(hand.anchors ? shared(value) : value, {
    aliasDuplicateObjects: hand.anchors,
  });
  let comments = 0;
  const comment = (): string => ` comment ${++comments}.`;
  visit(document, {
    Node(_key, node: Node) {
      if (isScalar(node) && node.value === NOTE)
        node.type = random() < 0.5 ? 'BLOCK_LITERAL' : 'BLOCK_FOLDED';
      else if (isScalar(node) && typeof node.value === 'string' && random() < 0.4) {
        node.type = random() < 0.5 ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE';
      }
      if (isCollection(node) && (hand.form === 'mixed' || hand.form === 'block') && node.items.length > 0) {
        node.flow = hand.form === 'mixed' && random() < 0.3 && document.contents !== node;
      }
      if (!hand.comments) return;
      if (random() < 0.15) node.commentBefore = comment();
      if (random() < 0.15) node.comment = comment();
      if (random() < 0.1) node.spaceBefore = true;
    },
  });
  return document.toString({
    indent: hand.indent,
    indentSeq: hand.indentSeq,
    flowCollectionPadding: hand.padded,
    // Folding long strings, this library writes others.
    lineWidth: 0,
  });
}

/** Equal maps and lists become one object, and so one anchor. */
function shared(value: unknown): unknown {
  const known = new Map<string, unknown>();
  const visitValue = (given: unknown): unknown => {
    if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) return given;
    const text = JSON.stringify(given);
    const found = known.get(text);
    if (found !== undefined) return found;
    const copy = Array.isArray(given)
      ? given.map(visitValue)
      : Object.fromEntries(Object.entries(given).map(([key, child]) => [key, visitValue(child)]));
    known.set(text, copy);
    return copy;
  };
  return visitValue(value);
}

/** A note in block style among the annotations: what follows it must not become part of it. */
export function withNote(service: Loose): Loose {
  const { metadata } = service;
  return { ...service, metadata: { ...metadata, annotations: { ...metadata.annotations, note: NOTE } } };
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
