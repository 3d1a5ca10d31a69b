/** One case of a run: which request is sent, made from the seed and its index alone. */
import type { Loose } from '../rules/cases.ts';
import { enlarge } from './large.ts';
import { Random } from './random.ts';
import { mutateText } from './text.ts';
import { mutateTree } from './tree.ts';

export interface Case {
  readonly index: number;
  readonly phase: 'mutate' | 'validate';
  readonly body: Buffer;
  /** Further headers; with transfer-encoding the body is sent in pieces. */
  readonly headers: readonly string[];
  readonly query: string;
  /** Lengths of the pieces, where it is sent in chunks. */
  readonly pieces: readonly number[];
}

const QUERIES = ['?timeout=5s', '?timeout=5s', '', '?timeout=1s', '?timeout=x', '?timeout=0.5s&x=%zz'];
const TYPES = ['application/json', 'application/json', 'application/json;charset=utf-8', 'text/plain', 'x'];
/** What is longer by more is only read past. */
const MOST_BYTES = 7 * 1024 * 1024 + 1_000;
/** One in so many is as large as a body may be: it takes as long as a hundred others. */
const LARGE = 1_000;

export function caseOf(seed: number, index: number, reviews: readonly Loose[]): Case {
  const random = new Random(seed, index);
  const tree = structuredClone(random.pick(reviews));
  // Its own, so that an answer can be told from that to another case; sometimes it is what is mutated.
  tree.request.uid = uidOf(random);
  if (random.once(LARGE)) enlarge(tree.request, random);
  else if (!random.once(10)) mutateTree(random.once(5) ? tree : tree.request, random, reviews);
  const text = JSON.stringify(tree) ?? 'null';
  const body = random.once(4) ? mutateText(text, random) : Buffer.from(text);
  return {
    index,
    phase: random.once(2) ? 'mutate' : 'validate',
    body: body.subarray(0, MOST_BYTES),
    headers: [`content-type: ${random.pick(TYPES)}`],
    query: random.pick(QUERIES),
    pieces: random.once(20) ? Array.from({ length: 5 }, () => 1 + random.below(5_000)) : [],
  };
}

/** @returns the bytes of the request */
export function bytesOf({ phase, query, headers, body, pieces }: Case): Buffer {
  const start = [`POST /${phase}${query} HTTP/1.1`, 'host: headcount', ...headers];
  if (pieces.length === 0) {
    return Buffer.concat([
      Buffer.from([...start, `content-length: ${body.length}`, '', ''].join('\r\n')),
      body,
    ]);
  }
  const parts: Buffer[] = [Buffer.from([...start, 'transfer-encoding: chunked', '', ''].join('\r\n'))];
  for (let from = 0, turn = 0; from < body.length; turn++) {
    const piece = body.subarray(from, from + (pieces[turn % pieces.length] ?? body.length));
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    from += piece.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function uidOf(random: Random): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => random.below(16).toString(16)).join('');
  return [8, 4, 4, 4, 12].map(digits).join('-');
}
