/** The reader of shell scripts: words, commands, what surely runs, and time in proportion to the text. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readScript } from '../../src/vllm/shell.ts';

/** Each command as its words, with a ? where it may not run. */
const read = (script: string): readonly string[] =>
  readScript(script).map(({ words, sure }) => `${sure ? '' : '? '}${words.join('|')}`);

test.each([
  ['a b  c', ['a|b|c']],
  [`a 'b c' "d e" f\\ g`, ['a|b c|d e|f g']],
  [`a 'it'"s" \\"`, ['a|its|"']],
  ['a # b; c\nd', ['a', 'd']],
  [`a '#' "#b" c#d`, ['a|#|#b|c#d']],
  ['a \\\n b', ['a|b']],
  ['a; b && c | d & e\nf', ['a', 'b', 'c', 'd', 'e', 'f']],
  ['a || b', ['a', '? b']],
  ['[ -n "$X" ] && b && c', ['[|-n|$X|]', '? b', '? c']],
  ['if a; then b; elif c; then d; else e; fi; f', ['? a', '? b', '? c', '? d', '? e', 'f']],
  ['for i in 1 2; do a; done; b', ['? a', 'b']],
  ['while ! a; do b; done', ['? a', '? b']],
  ['f() { a; }; b', ['f', '? a', 'b']],
  ['(a; b); c', ['? a', '? b', 'c']],
  ['echo if; a', ['echo|if', 'a']],
  ['A="$(echo "b c" | d)" e', ['A=$(echo "b c" | d)|e']],
  ["a $(b $(c) ')') d; e", ['a|$|d', 'e']],
  ['a `b; c` d', ['a|$|d']],
  ['cat <<EOF\na; b\nEOF\nc', ['cat', 'c']],
  ["cat <<-'END' > x\n\ta\n\tEND\nc", ['cat|>|x', 'c']],
  [`a 'never closed; b`, ['a|never closed; b']],
  ['', []],
])('%j', (script, expected) => {
  expect(read(script)).toEqual(expected);
});

test('any text is read, and no command has an empty list of words', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '\n',
    "'",
    '"',
    '\\',
    '$(',
    ')',
    '(',
    '`',
    '<<E',
    '#',
    ';',
    '||',
    'if ',
    'fi ',
    '$',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(readScript(pieces.join('')).every(({ words }) => words.length > 0)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each(['$(', '"$(', "'", '"', '(', '<<E\n', '\\', '`', 'if ', '$', '"\\"', 'a b;', '#', '||'])(
  'a megabyte of %j takes as long as its length says',
  (piece) => {
    const time = (length: number): number => {
      const script = piece.repeat(Math.ceil(length / piece.length));
      const start = performance.now();
      readScript(script);
      return performance.now() - start;
    };
    time(100_000);
    // Quadratic work would take a hundred times as long, and minutes.
    expect(time(1_000_000)).toBeLessThan(2_000);
  },
);
