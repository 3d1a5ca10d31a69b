/** Mutations of the text: what no tree can be, because JSON.parse hides it or does not take it. */
import type { Random } from './random.ts';

/** @returns the bytes of a body that was mutated as text, one to three times */
export function mutateText(text: string, random: Random): Buffer {
  let mutated = text;
  for (let count = 1 + random.below(3); count > 0; count--) {
    mutated = random.pick(MUTATIONS)(mutated, random);
  }
  const bytes = Buffer.from(mutated);
  return random.once(4) && bytes.length > 0 ? mutateBytes(bytes, random) : bytes;
}

type Mutation = (text: string, random: Random) => string;

/** Puts a text in at a place where a certain character stands. */
function insert(at: string, added: (random: Random) => string): Mutation {
  return (text, random) => {
    const start = text.indexOf(at, random.below(text.length + 1));
    if (start === -1) return text;
    return text.slice(0, start + at.length) + added(random) + text.slice(start + at.length);
  };
}

const MUTATIONS: readonly Mutation[] = [
  // A member a second time.
  (text, random) => {
    const members = [...text.slice(0, 20_000).matchAll(/"[^"\\]+":(?:"[^"\\]*"|\d+|true|null)/g)];
    if (members.length === 0) return text;
    const { 0: member, index } = random.pick(members);
    return `${text.slice(0, index)}${member},${text.slice(index)}`;
  },
  insert('{', () => '"__proto__":{"spec":null},'),
  insert('{', () => '"\\u005f\\u005fproto__":1,'),
  insert('{', (random) => `"k${random.below(9)}":1,`),
  insert(':', () => ' \n\t'),
  insert(':', (random) =>
    random.pick(['1e999', '-0', '01', 'NaN', '+1', '0x1', "'x'", '99999999999999999999', '"\\ud800"']),
  ),
  insert(',', (random) =>
    random.pick([',', '[', ']', '{', '}', ':', '"', '\\', '/*', '\u0000', '\ufeff', 'null']),
  ),
  insert('"', (random) => random.pick(['\\u0000', '\\', '\\x', '\u0001', '\\ud83d', '\\/', '\u2028'])),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => text + random.pick([' ', '}', ']', 'x', text.slice(0, 100), '\u0000']),
  (text, random) => random.pick([' ', '\ufeff', '[', '{', '\n\n']) + text,
  (text, random) => {
    const start = random.below(text.length + 1);
    return text.slice(0, start) + text.slice(start + random.below(40));
  },
  (text, random) =>
    text.replace(
      random.pick(['"uid"', '"request"', '"object"', '"kind"', '"spec"']),
      random.pick(['"UID"', '""', '"\\u0075id"', '"x"']),
    ),
  insert('[', (random) => '['.repeat(random.once(20) ? 100_000 : 120)),
];

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  for (let count = 1 + random.below(4); count > 0; count--)
    bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}
