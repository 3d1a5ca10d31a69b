/**
 * What a field is filled with. Where a rule reads it, that is the worst for it: flags, quotes and comments in what
 * is read as a shell's or vLLM's text, names that look like GPUs or networks, the env that KServe sets, JSON of many
 * entries in annotations. Elsewhere it is just long.
 */
import { APPLIED, GPU_RESOURCE_TYPES, LAST_APPLIED } from '../../src/kserve/annotations.ts';
import { json, list, manyInJson, map, text, texts, type Filling } from './filling.ts';
import { smallest } from './place.ts';
import { isRead } from './read.ts';
import type { Field } from './schema.ts';

const UNITS = ['-dpl ', '--tensor-parallel-size 1 ', '# ', '\' " $( ', '{{', '{{ .Name }} ', '\\\n', 'x'];
/** A character that turns the reading direction: messages show what it is. */
const UNSEEN = text('\u202e');
const TEXTS = UNITS.map((unit) => text(unit));
const WORDS = ['-dpl', '-tp', '--tensor-parallel-size=1', '{{.Name}}', '#', 'x'].map((word) =>
  list(`many ${word}`, () => word),
);
/** Text that a regular expression tries to leave out at the end of a word, and that is not at its end. */
const NOT_AT_THE_END = ["'", ' ', '\n', ')'].map((unit) => text(unit, '-x ', 'x'));
const ARGS = [
  ...UNITS.slice(0, 5).map((unit) => texts(unit)),
  ...WORDS,
  ...NOT_AT_THE_END.map(({ what, make }): Filling => ({ what, make: (bytes) => [make(bytes)] })),
];
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
  { what: 'one long name', make: (bytes: number) => ({ [UNSEEN.make(bytes) as string]: '1' }) },
];

/** By the end of a field's path; the first that fits. What fits none is just long. */
const NASTY: readonly (readonly [RegExp, readonly Filling[]])[] = [
  [/(args|command)\[\]$/, TEXTS],
  [/\.args$/, ARGS],
  [/Probe\.exec\.command$/, SCRIPTS.slice(0, 2)],
  [/\.command$/, [...SCRIPTS, ...WORDS.slice(0, 2)]],
  [
    /\.env$/,
    [
      ...ENV,
      list('many names', (index, more) => ({ name: `SETTING_${index}`, value: more })),
      list('many settings of NCCL', (index, more) => ({ name: `NCCL_${index}`, value: more })),
    ],
  ],
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
        fieldsV1: { 'f:spec': { 'f:predictor': { 'f:workerSpec': {} } } },
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
      return isRead(field) ? [UNSEEN, text('x')] : [text('x')];
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
