/**
 * What a field is filled with. Where a rule reads it, that is the worst for it: flags, quotes and comments in what
 * is read as a shell's or vLLM's text, names that look like GPUs or networks, the env that KServe sets, JSON of many
 * entries in annotations. Elsewhere it is just long.
 */
import { APPLIED, GPU_RESOURCE_TYPES, LAST_APPLIED } from '../../src/isvc/view.ts';
import { smallest } from './place.ts';
import type { Field } from './schema.ts';

/** The server's own limit of a list or object is 16,384. */
const MOST_ENTRIES = 16_000;
/** Bytes; Linux takes 128 KiB. */
const LONGEST_WORD = 100_000;

export interface Filling {
  readonly what: string;
  /** @returns the value whose JSON has about this many bytes, or has as many entries as there may be */
  readonly make: (bytes: number) => unknown;
}

const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** One text, again and again. */
export function text(unit: string, before = '', after = ''): Filling {
  const each = size(unit) - 2;
  const make = (bytes: number): string => before + unit.repeat(Math.max(1, Math.floor(bytes / each))) + after;
  return { what: `${JSON.stringify(before + unit)} ...`, make };
}

/**
 * Entries, told apart by their index where `entry` uses it.
 * @param entry gets as much to add as makes 16,000 of them as large as wanted
 */
export function list(what: string, entry: (index: number, more: string) => unknown): Filling {
  return {
    what,
    make(bytes) {
      const { count, more } = shape(bytes, entry);
      return Array.from({ length: count }, (_, index) => entry(index, more));
    },
  };
}

export function map(what: string, key: (index: number) => string, value: unknown): Filling {
  const { make } = list(what, (index, more) => ({ [`${key(index)}${more}`]: value }));
  return { what, make: (bytes) => Object.fromEntries((make(bytes) as object[]).flatMap(Object.entries)) };
}

/** Texts as long as a kernel takes for one word, so that a program may well read them; what is longer never starts. */
export function texts(unit: string, ...before: readonly string[]): Filling {
  const { make } = text(unit);
  const words = (bytes: number): unknown[] =>
    Array.from({ length: Math.ceil(bytes / LONGEST_WORD) }, () => make(Math.min(bytes, LONGEST_WORD)));
  return {
    what: `${[...before, ''].join(' ')}texts of ${JSON.stringify(unit)} ...`,
    make: (bytes) => [...before, ...words(bytes)],
  };
}

/** The same as JSON in a string. */
function json({ what, make }: Filling): Filling {
  return { what: `JSON: ${what}`, make: (bytes) => JSON.stringify(make(bytes)) };
}

function shape(
  bytes: number,
  entry: (index: number, more: string) => unknown,
): { readonly count: number; readonly more: string } {
  const each = size(entry(MOST_ENTRIES, '')) + 1;
  const count = Math.min(MOST_ENTRIES, Math.max(1, Math.floor(bytes / each)));
  return { count, more: 'x'.repeat(Math.max(0, Math.floor(bytes / count) - each)) };
}

/** More entries than a list of the review may have: inside of a string nobody counts them. */
function manyInJson(what: string, entry: string): Filling {
  const make = (bytes: number): string =>
    `[${`${entry},`.repeat(Math.floor(bytes / (size(entry) - 1)))}${entry}]`;
  return { what: `JSON: ${what}`, make };
}

const UNITS = ['-dpl ', '--tensor-parallel-size 1 ', '# ', '\' " $( ', '{{', '{{ .Name }} ', '\\\n', 'x'];
const TEXTS = UNITS.map((unit) => text(unit));
const WORDS = ['-dpl', '-tp', '--tensor-parallel-size=1', '{{.Name}}', '#', 'x'].map((word) =>
  list(`many ${word}`, () => word),
);
const ARGS = [...UNITS.slice(0, 5).map((unit) => texts(unit)), ...WORDS];
const SCRIPTS = UNITS.slice(0, 5).map((unit) => texts(unit, 'bash', '-c'));
const ENV = ['TENSOR_PARALLEL_SIZE', 'HEAD_SVC', 'PYTHONPATH'].map((name) =>
  list(`many ${name}`, (_, more) => ({ name, value: `{{ .Name }}${more}` })),
);
const NETWORKS = map('networks', (index) => `rdma/x${index}`, '1');
const RESOURCES = [
  NETWORKS,
  map('GPUs that nobody knows', (index) => `example.com/gpu-${index}`, '1'),
  map('hugepages', (index) => `hugepages-${index}Mi`, '1e999999999'),
  map('quantities that are none', (index) => `nvidia.com/gpu-${index}`, 'eight'),
];

/** By the end of a field's path; the first that fits. What fits none is just long. */
const NASTY: readonly (readonly [RegExp, readonly Filling[]])[] = [
  [/(args|command)\[\]$/, TEXTS],
  [/\.args$/, ARGS],
  [/Probe\.exec\.command$/, SCRIPTS.slice(0, 2)],
  [/\.command$/, [...SCRIPTS, ...WORDS.slice(0, 2)]],
  [/\.env$/, [...ENV, list('many names', (index, more) => ({ name: `SETTING_${index}`, value: more }))]],
  [/env\[\]\.value$/, TEXTS.slice(0, 6)],
  [/\.(requests|limits)$/, RESOURCES],
  [/\.(requests|limits)\{\}$/, [text('1'), text('9', '1e'), text('0', '0.', '1')]],
  [
    /\.tolerations$/,
    [
      list('different', (index, more) => ({ key: `k${index}${more}`, operator: 'Exists' })),
      list('equal', (_, more) => ({ key: `k${more}` })),
    ],
  ],
  [
    /ontainers$/,
    [
      list('different names', (index, more) => ({ name: `c${index}${more}` })),
      list('many worker-container', () => ({ name: 'worker-container' })),
      list('each with GPUs', (index) => ({
        name: `c${index}`,
        resources: { limits: { 'nvidia.com/gpu': '1', 'amd.com/gpu': '1' } },
      })),
      list('each with env and args', (index) => ({
        name: `c${index}`,
        args: ['-tp 2'],
        env: [{ name: 'TENSOR_PARALLEL_SIZE', value: '1' }],
      })),
    ],
  ],
  [
    /supportedModelFormats$/,
    [
      list('different', (index) => ({ name: `f${index}`, version: '1', autoSelect: true, priority: 1 })),
      list('many huggingface', (index) => ({
        name: 'huggingface',
        version: `${index}`,
        autoSelect: true,
        priority: 1,
      })),
    ],
  ],
  [
    /\.(protocolVersions|finalizers)$/,
    [list('different', (index) => `v${index}`), list('equal', () => 'v2')],
  ],
  [
    /managedFields$/,
    [
      list('many managers', (index) => ({
        manager: `m${index}`,
        operation: 'Apply',
        time: 'x',
        fieldsV1: { 'f:spec': {} },
      })),
    ],
  ],
  [
    /storageUri$/,
    [text('a/', 'pvc://models/'), text('../', 'pvc://models/'), text('a.', 'pvc://'), text('x')],
  ],
  [/image$/, [text('x'), text('x/'), text(':')]],
  [/metadata\.(name|generateName)$/, [text('x'), text('a.')]],
  [
    new RegExp(`\\[${GPU_RESOURCE_TYPES}\\]$`),
    [
      manyInJson('many "a"', '"a"'),
      json({ what: 'networks', make: (bytes) => Object.keys(NETWORKS.make(bytes) as object) }),
      manyInJson('many ""', '""'),
      manyInJson('many 0', '0'),
      text('['),
      text('x'),
      text('x', '["', '"]'),
    ],
  ],
  [
    new RegExp(`\\[(${LAST_APPLIED}|${APPLIED})\\]$`),
    [
      text('['),
      text('{"a":'),
      manyInJson('many {}', '{}'),
      json(map('many members', (index) => `k${index}`, 1)),
      {
        what: 'JSON: a record of many entries',
        make: (bytes) =>
          `{"v":1,"wrote":${manyInJson('', '["head.env","HEAD_SVC","x"]').make(bytes) as string},"made":[]}`,
      },
      text('x'),
    ],
  ],
  [
    /(annotations|labels|nodeSelector)$/,
    [
      map('many keys', (index) => `example.com/k${index}`, 'x'),
      map('many of KServe', (index) => `serving.kserve.io/k${index}`, 'x'),
      { what: 'one long key', make: (bytes) => ({ ['x'.repeat(bytes)]: 'x' }) },
    ],
  ],
];

/** @returns what a field is filled with, one after the other */
export function fillingsOf(field: Field): readonly Filling[] {
  const found = NASTY.find(([path]) => path.test(field.path))?.[1];
  if (found !== undefined) return found;
  switch (field.type) {
    case 'string':
      return [text('x')];
    case 'map':
      return [map('many keys', (index) => `k${index}`, smallest(valueOf(field)))];
    case 'list':
      return [
        list('many', (index, more) => numbered(smallest(field.schema.items ?? {}), `x${index}${more}`)),
      ];
  }
}

function valueOf({ schema: { additionalProperties: values } }: Field): object {
  return typeof values === 'object' ? values : { type: 'string' };
}

/** Entries of most lists are told apart by one of these. */
function numbered(entry: unknown, name: string): unknown {
  if (typeof entry === 'string') return name;
  if (typeof entry !== 'object' || entry === null) return entry;
  const key = ['name', 'key', 'mountPath', 'topologyKey'].find((one) => one in entry) ?? 'name';
  return { ...entry, [key]: name };
}
