/** What an SVG of ours shows, read with libxml2: texts, cells, what overlaps, and how its colours contrast. */
import type { XmlDocument, XmlElement } from 'libxml2-wasm';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Cell {
  /** The name of the pod whose box it is in. */
  readonly pod: string;
  readonly idle: boolean;
  /** What is written in it. */
  readonly rank: string;
}

function find(node: XmlDocument | XmlElement, path: string): XmlElement[] {
  return node.find(path) as XmlElement[];
}

export function services(picture: XmlDocument): XmlElement[] {
  return find(picture, '//*[local-name()="g"][@class="service"]');
}

/** @returns every text in document order. */
export function words(node: XmlDocument | XmlElement): string[] {
  return find(node, './/*[local-name()="text"]').map(({ content }) => content);
}

function attribute(element: XmlElement, name: string): string {
  return element.attr(name)?.value ?? '';
}

/** Where an element is in the picture: every group may move what is in it. */
function offset(element: XmlElement): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let node: XmlElement | null = element; node !== null; node = node.parent) {
    const [, dx = '0', dy = '0'] = /^translate\((\S+) (\S+)\)$/.exec(attribute(node, 'transform')) ?? [];
    [x, y] = [x + Number(dx), y + Number(dy)];
  }
  return [x, y];
}

function boxOf(rect: XmlElement): Box {
  const [x, y] = offset(rect);
  const number = (name: string): number => Number(attribute(rect, name));
  return { x: x + number('x'), y: y + number('y'), width: number('width'), height: number('height') };
}

const SIZES: Readonly<Record<string, number>> = {
  title: 16,
  words: 13,
  quiet: 12,
  deny: 13,
  warn: 13,
  label: 11,
  rank: 10,
};

/** As wide as a monospace font has it: 0.6 em, and twice that for other letters than ASCII. */
function textBox(text: XmlElement): Box {
  const [x, y] = offset(text);
  const size = SIZES[attribute(text, 'class')] ?? Number.NaN;
  const em = Array.from(text.content).reduce((sum, character) => sum + (character <= '~' ? 0.6 : 1.2), 0);
  const width = em * size;
  const left = attribute(text, 'text-anchor') === 'middle' ? width / 2 : 0;
  return {
    x: x + Number(attribute(text, 'x')) - left,
    y: y + Number(attribute(text, 'y')) - size * 0.75,
    width,
    height: size * 0.95,
  };
}

function isInside(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const POD = './/*[local-name()="rect"][@class="head" or @class="worker"]';
const CELL = './/*[local-name()="rect"][starts-with(@class, "gpu ")]';

/** The cells of a service: the head's first, then pod by pod, as they stand in the document. */
export function cells(service: XmlElement): Cell[] {
  const pods = find(service, POD).map((rect) => ({ box: boxOf(rect), name: rect.content.trim() }));
  const ranks = find(service, './/*[local-name()="text"][@class="rank"]').map((text) => ({
    box: textBox(text),
    text: text.content,
  }));
  return find(service, CELL).map((rect) => {
    const box = boxOf(rect);
    const around = pods.filter((pod) => isInside(box, pod.box));
    if (around.length !== 1) throw new Error(`a cell in ${around.length} pods`);
    const inside = ranks.filter((rank) => touch(rank.box, box));
    const idle = attribute(rect, 'class').includes('idle');
    if (inside.length !== (idle ? 0 : 1)) throw new Error(`${inside.length} ranks in a cell`);
    return { pod: around[0]?.name ?? '', idle, rank: inside[0]?.text ?? '' };
  });
}

/** @returns what overlaps, or sticks out; a band is meant to lie across pods. */
export function overlaps(picture: XmlDocument): string[] {
  const page = boxOf(picture.root);
  const problems: string[] = [];
  const groups = {
    pods: find(picture, POD).map(boxOf),
    cells: find(picture, CELL).map(boxOf),
    bands: find(picture, './/*[local-name()="rect"][starts-with(@class, "band ")]').map(boxOf),
    texts: find(picture, './/*[local-name()="text"]').map(textBox),
  };
  for (const [name, boxes] of Object.entries(groups)) {
    const sorted = boxes.toSorted((a, b) => a.y - b.y);
    for (const [index, box] of sorted.entries()) {
      if (!isInside(box, page)) problems.push(`${name}: outside ${JSON.stringify(box)}`);
      for (const other of sorted.slice(index + 1)) {
        if (other.y >= box.y + box.height) break;
        if (touch(box, other)) problems.push(`${name}: ${JSON.stringify(box)} and ${JSON.stringify(other)}`);
      }
    }
  }
  const labels = find(picture, './/*[local-name()="text"][@class="label"]').map(textBox);
  for (const label of labels) {
    for (const cell of groups.cells)
      if (touch(label, cell)) problems.push(`label on a cell: ${JSON.stringify(label)}`);
  }
  return problems;
}

/** Foreground and what it stands on, with the least contrast that WCAG 2 (AA) wants. */
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...['.title', '.words', '.label', '.quiet', '.deny', '.warn'].map((text) => [text, '.page', 4.5] as const),
  ['.label', '.head', 4.5],
  ['.label', '.worker', 4.5],
  ['.words', '.model', 4.5],
  ['.rank', '.gpu.even', 4.5],
  ['.rank', '.gpu.odd', 4.5],
  ['.gpu.even', '.band.even', 3],
  ['.gpu.odd', '.band.odd', 3],
  ['.bar', '.page', 3],
  ['stroke .gpu.idle', '.head', 3],
  ['stroke .head', '.page', 3],
  ['stroke .worker', '.page', 3],
  ['stroke .model', '.page', 3],
];

/** @returns the pairs of a style sheet that contrast too little. */
export function colourProblems(sheet: string): string[] {
  const colours = coloursOf(sheet);
  return PAIRS.flatMap(([front, back, least]) => {
    const ratio = contrast(colours.get(front) ?? '', colours.get(back) ?? '');
    return ratio >= least ? [] : [`${front} on ${back}: ${ratio.toFixed(2)}`];
  });
}

/** By selector; with `stroke` before it where that is coloured. */
function coloursOf(sheet: string): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  for (const [, selectors = '', declarations = ''] of sheet.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    for (const [, property, colour = ''] of declarations.matchAll(/(fill|stroke):(#[0-9a-f]{6})/g)) {
      for (const selector of selectors.split(',')) {
        const name = selector.trim().split(' ').at(-1) ?? '';
        colours.set(property === 'stroke' ? `stroke ${name}` : name, colour);
      }
    }
  }
  return colours;
}

/** What has a meaning of its own: two stages side by side, the two verdicts, and text. */
const MEANINGS = ['.gpu.even', '.gpu.odd', '.deny', '.warn', '.words'];
/** Machado, Oliveira and Fernandes 2009, severity 1: linear RGB as it looks to the colour-blind. */
const BLINDNESS: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
/** CIE76; a difference is seen from about 2 on, and at a glance from about 10 on. */
const LEAST_DIFFERENCE = 14;

/** @returns the pairs of meanings whose colours look alike, with which blindness */
export function lookAlikes(sheet: string): string[] {
  const colours = coloursOf(sheet);
  const pairs = MEANINGS.flatMap((one, index) =>
    MEANINGS.slice(index + 1).map((other) => [one, other] as const),
  );
  return Object.entries(BLINDNESS).flatMap(([kind, matrix]) =>
    pairs.flatMap(([one, other]) => {
      const [a, b] = [one, other].map((name) => lab(seen(linear(colours.get(name) ?? ''), matrix)));
      const difference = Math.hypot(...(a ?? []).map((value, index) => value - (b?.[index] ?? Number.NaN)));
      return difference >= LEAST_DIFFERENCE ? [] : [`${kind}: ${one} and ${other}: ${difference.toFixed(1)}`];
    }),
  );
}

function seen(rgb: readonly number[], matrix: readonly (readonly number[])[]): number[] {
  return matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, index) => sum + weight * (rgb[index] ?? Number.NaN), 0),
      ),
    ),
  );
}

function lab([r = Number.NaN, g = Number.NaN, b = Number.NaN]: readonly number[]): readonly number[] {
  const root = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = root(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function linear(colour: string): readonly number[] {
  return [1, 3, 5].map((start) => {
    const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

function luminance(colour: string): number {
  const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
