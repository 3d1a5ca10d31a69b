/**
 * Mutations up to the limits of a body: one place is as long as a list, an object or a text may be. What takes
 * time with the square of a length shows here and nowhere else.
 */
import type { Loose } from '../rules/cases.ts';
import type { Random } from './random.ts';
import { placesOf } from './tree.ts';

/** The server's own limits (7 MiB, 500,000 tokens, 16,384 entries), with room for what stands around the place. */
const MOST_BYTES = 6.9 * 1024 * 1024;
const MOST_TOKENS = 450_000;
const MOST_ENTRIES = 16_000;
/** Copies of an object are told apart by one of these. */
const IDENTITIES = ['name', 'key', 'manager'];
const TEXTS = [
  'x',
  '"',
  '\u0001',
  '\u{1f4a5}',
  ' --tensor-parallel-size=4',
  '\' " $( ',
  '[',
  '--tp 4 bash -c ',
];

/** Enlarges one place of the tree. */
export function enlarge(tree: Loose, random: Random): void {
  const { parent, key } = random.pick(placesOf(tree, 2_000));
  parent[key] = random.pick([distinct, same, members, longText])(parent[key], random);
}

function distinct(value: unknown): unknown {
  return repeated(itemOf(value), (item, index) => {
    if (typeof item === 'string') return `${item}${index}`;
    if (typeof item !== 'object' || item === null) return item;
    const identity = IDENTITIES.find((name) => name in item);
    return identity === undefined ? item : { ...item, [identity]: `${(item as Loose)[identity]}${index}` };
  });
}

function same(value: unknown): unknown {
  return repeated(itemOf(value), (item) => item);
}

/** As if each were a resource, a label or an annotation. */
function members(value: unknown): unknown {
  const [first = '1'] = typeof value === 'object' && value !== null ? Object.values(value) : [];
  const entries = repeated({ [`example${MOST_ENTRIES}.com/gpu`]: first }, (_, index) => [
    `example${index}.com/gpu`,
    first,
  ]);
  return Object.fromEntries(entries as [string, unknown][]);
}

function longText(value: unknown, random: Random): unknown {
  const unit = random.once(3) && typeof value === 'string' && value !== '' ? value : random.pick(TEXTS);
  return unit.repeat(Math.floor(MOST_BYTES / (JSON.stringify(unit).length - 2)));
}

function itemOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

/** As many as fit. */
function repeated(item: unknown, made: (item: unknown, index: number) => unknown): readonly unknown[] {
  const text = JSON.stringify(item) ?? 'null';
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[{,:]/g)?.length ?? 0;
  const count = Math.min(MOST_ENTRIES, MOST_BYTES / (text.length + 6), MOST_TOKENS / (tokens + 1));
  return Array.from({ length: Math.floor(count) }, (_, index) => made(item, index));
}
