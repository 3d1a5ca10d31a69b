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
  ['a; b | c & d\ne', ['a', 'b', 'c', 'd', 'e']],
  ['a || b', ['a', '? b']],
  ['cd a && b && c', ['cd|a', 'b', '? c']],
  ['ray start && a; ray status && b', ['ray|start', 'a', 'ray|status', '? b']],
  ['A=1 && b; A=$(c) && d', ['A=1', 'b', 'A=$', '? d']],
  ['A=1 pip install b && c', ['A=1|pip|install|b', 'c']],
  ['grep a && b | c; d', ['grep|a', '? b', '? c', 'd']],
  ['grep a &&\n\n  b\nc', ['grep|a', '? b', 'c']],
  ['grep a | tee b && c', ['grep|a', 'tee|b', 'c']],
  ['(cd a) && b\nc', ['? cd|a', '? b', 'c']],
  ['a && (b)\nc', ['a', '? b', 'c']],
  ['exec a\nb', ['exec|a', '? b']],
  ['a; exit 1; b', ['a', 'exit|1', '? b']],
  ['exec > log 2>&1; a', ['exec', 'a']],
  ['exec a & b', ['exec|a', 'b']],
  ['a || exit 1; b', ['a', '? exit|1', 'b']],
  ['a > log 2>&1 | b &> /dev/null', ['a', 'b']],
  ['ray start 2>&1 >> log && a', ['ray|start', 'a']],
  ['a 2 >b c1 < d <<< "e f"', ['a|2|c1']],
  ['until (exec 3<>/dev/tcp/a/1); do b; done; c', ['? exec', '? b', 'c']],
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
  ["cat <<-'END' > x\n\ta\n\tEND\nc", ['cat', 'c']],
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
    '>',
    '2>&1',
    '<',
    '&',
    'exec ',
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

test.each([
  '$(',
  '"$(',
  "'",
  '"',
  '(',
  '<<E\n',
  '\\',
  '`',
  'if ',
  '$',
  '"\\"',
  'a b;',
  '#',
  '||',
  '2>&1 ',
  '>',
  '&&\n',
  'exec a;',
])('a megabyte of %j takes as long as its length says', (piece) => {
  const time = (length: number): number => {
    const script = piece.repeat(Math.ceil(length / piece.length));
    const start = performance.now();
    readScript(script);
    return performance.now() - start;
  };
  time(100_000);
  // Quadratic work would take a hundred times as long, and minutes.
  expect(time(1_000_000)).toBeLessThan(2_000);
});
