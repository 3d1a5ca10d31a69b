/** docs/architecture.md, oxlint.config.ts and the imports say the same of the folders of src, and there is no circle. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { ARROWS } from '../../oxlint.config.ts';
import { arrowsBetween, fileArrows, onCircles, roomOf, withDiagram } from '../../packaging/architecture.ts';
import { read, ROOT } from './pages.ts';

const src = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
const folders = src.filter((entry) => entry.isDirectory());
const files = src.filter((entry) => entry.isFile());
const between = arrowsBetween(roomOf);
/** For each folder those that it imports from, in ARROWS' form. */
const imported = (room: string): readonly string[] =>
  between
    .filter(({ to }) => to === room)
    .map(({ from }) => from)
    .toSorted();

test('imports are found, of types and dynamic ones too', () => {
  const arrows = fileArrows();
  expect(arrows.length).toBeGreaterThan(files.length);
  expect(arrows).toContainEqual({ from: 'kserve/view.ts', to: 'rules/subject.ts' });
  expect(arrows).toContainEqual({ from: 'server/serve.ts', to: 'cli/serve/serve.ts' });
});

test('the linter has arrows for every folder, and for no other', () => {
  const top = folders.filter(({ parentPath }) => parentPath === join(ROOT, 'src')).map(({ name }) => name);
  expect(Object.keys(ARROWS).toSorted()).toEqual(top.toSorted());
});

test.each(Object.entries(ARROWS))(
  '%s imports from every folder that it may, and from no other',
  (room, allowed) => {
    expect(imported(room)).toEqual(allowed.toSorted());
  },
);

test('programs start in src/cli', () => expect(imported('')).toEqual(['cli']));

test('no circle among files, types included', () => expect(onCircles(fileArrows())).toEqual([]));

test('no circle among folders, those within a folder included', () => {
  expect(onCircles(arrowsBetween(dirname))).toEqual([]);
});

test('a circle would be found', () => {
  const [a, b, c] = ['a', 'b', 'c'];
  const arrows = [
    { from: a, to: b },
    { from: b, to: c },
  ];
  expect(onCircles(arrows)).toEqual([]);
  expect(onCircles([...arrows, { from: c, to: b }])).toEqual(['b', 'c']);
});

test('the page has a row for each folder, in the order in which data flows', () => {
  const rows = [...read('docs/architecture.md').matchAll(/^\| `src\/(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(ARROWS));
});

test('the diagram is that of the imports: npm run docs:generate', () => {
  const page = read('docs/architecture.md');
  expect(withDiagram(page)).toBe(page);
});

test('a file that the page names is there', () => {
  const named = [...read('docs/architecture.md').matchAll(/`((?:src|test|packaging)\/[\w./-]+\.ts)`/g)];
  expect(named.length).toBeGreaterThan(5);
  for (const [, path = ''] of named) expect(readFileSync(join(ROOT, path), 'utf8')).not.toBe('');
});

test('no file of src is longer than 250 lines', () => {
  const long = files
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((path) => readFileSync(path, 'utf8').trimEnd().split('\n').length > 250)
    .map((path) => relative(ROOT, path));
  expect(long).toEqual([]);
});
