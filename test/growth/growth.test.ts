/** What the growth run finds its cases and its exponents with; `npm run growth` itself is too long for a test. */
import { describe, expect, test } from '@jest/globals';
import { exponentOf } from './fit.ts';
import { fillingsOf } from './content.ts';
import { list, map, text } from './filling.ts';
import { casesOf } from './cases.ts';
import { excesses, growthOf, type Sample } from './limits.ts';
import { place } from './place.ts';
import { isRead } from './read.ts';
import { fieldsOf, KINDS, readSchemas, type Field, type Schema } from './schema.ts';
import { testWithShared } from '../support/shared.ts';

const SIZES = [16_000, 64_000, 256_000, 1_500_000];
const points = (cost: (size: number) => number): { size: number; cost: number }[] =>
  SIZES.map((size) => ({ size, cost: cost(size) }));

describe('the exponent of a growth', () => {
  test.each([
    ['in proportion', (size: number) => size / 1_000, 1],
    ['with the square', (size: number) => size ** 2 / 1e7, 2],
    ['as n log n', (size: number) => (size * Math.log2(size)) / 1e4, 1.08],
    ['not at all', () => 50, 0],
  ])('%s', (_what, cost, expected) => {
    expect(exponentOf(points(cost), 0)).toBeCloseTo(expected, 1);
  });

  test('what is below the noise makes it smaller, never greater', () => {
    expect(
      exponentOf(
        points((size) => size ** 2 / 1e10),
        20,
      ),
    ).toBeLessThan(2);
    expect(
      exponentOf(
        [
          { size: 1_000, cost: 0.01 },
          { size: 8_000, cost: 21 },
        ],
        20,
      ),
    ).toBeLessThan(0.1);
  });

  test('is not known where all is noise, or only one size was measured', () => {
    expect(
      exponentOf(
        points(() => 5),
        20,
      ),
    ).toBeNull();
    expect(exponentOf([{ size: 1_000, cost: 900 }], 20)).toBeNull();
    const close = [
      { size: 257, cost: 25 },
      { size: 449, cost: 54 },
    ];
    expect(exponentOf(close, 20)).toBeNull();
  });
});

describe('the fields of a schema', () => {
  const root: Schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          count: { type: 'integer' },
          name: { type: 'string' },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          ports: {
            type: 'array',
            items: {
              type: 'object',
              required: ['port', 'protocol'],
              properties: {
                name: { type: 'string' },
                port: { type: 'integer' },
                protocol: { type: 'string', enum: ['TCP', 'UDP'] },
              },
            },
          },
        },
      },
    },
  };
  const fields = fieldsOf('ServingRuntime', root);
  const named = (path: string): Field => {
    const found = fields.find((field) => field.path === path);
    if (found === undefined) throw new Error(`no field ${path}`);
    return found;
  };

  test('are its strings, lists and maps, the inner ones too', () => {
    expect(fields.map(({ path, type }) => `${path}: ${type}`)).toEqual([
      'spec.name: string',
      'spec.labels: map',
      'spec.labels{}: string',
      'spec.ports: list',
      'spec.ports[].name: string',
      'spec.ports[].protocol: string',
    ]);
  });

  test('are written with what is required on the way, and leave the object as it was', () => {
    const object = { spec: { count: 2, labels: { a: 'b' } } };
    expect(place(object, named('spec.ports[].name'), 'long')).toEqual({
      spec: { count: 2, labels: { a: 'b' }, ports: [{ port: 1, protocol: 'TCP', name: 'long' }] },
    });
    expect(place(object, named('spec.labels{}'), 'long')).toEqual({
      spec: { count: 2, labels: { a: 'long' } },
    });
    expect(object).toEqual({ spec: { count: 2, labels: { a: 'b' } } });
  });
});

describe('the content', () => {
  const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

  test.each([
    ['a text', text('" ')],
    ['a list', list('entries', (index, more) => ({ name: `${index}${more}` }))],
    ['a map', map('keys', (index) => `example.com/key-${index}`, 'x')],
  ])('of %s is as large as wanted', (_what, { make }) => {
    for (const bytes of SIZES) {
      expect(bytesOf(make(bytes)) / bytes).toBeGreaterThan(0.8);
      expect(bytesOf(make(bytes)) / bytes).toBeLessThan(1.1);
    }
  });

  test('has no more entries than a review may', () => {
    expect(list('ones', () => 1).make(1_500_000)).toHaveLength(16_000);
  });
});

describe('the limits', () => {
  const good: Sample = {
    bytes: 1e6,
    cpu: 170,
    health: 40,
    next: 3,
    peak: 150,
    alive: true,
    late: false,
    problem: null,
  };

  test.each([
    ['processor time', { cpu: 190 }, /190 ms of processor time, limit 180/],
    ['healthz', { health: 300 }, /healthz/],
    ['the next small review', { next: 11 }, /next small review/],
    ['memory', { peak: 300 }, /300 MiB/],
    ['an ended process', { alive: false }, /ended/],
    ['a wrong answer', { problem: 'HTTP 500' }, /HTTP 500/],
  ])('%s', (_what, change, expected) => {
    expect(excesses(good)).toEqual([]);
    expect(excesses({ ...good, ...change }).join()).toMatch(expected);
  });

  test('growth', () => {
    const grown = (exponent: number): boolean =>
      growthOf(SIZES.map((bytes) => ({ ...good, bytes, cpu: (bytes / 10_000) ** exponent }))).over;
    expect([1, 2].map(grown)).toEqual([false, true]);
  });
});

testWithShared("every field of KServe's CRDs has a case, those that are read more of them", () => {
  const { schemas } = readSchemas();
  for (const kind of KINDS) {
    const fields = fieldsOf(kind, schemas.get(kind) ?? {});
    expect(fields.length).toBeGreaterThan(900);
    expect(fields.filter((field) => fillingsOf(field).length === 0)).toEqual([]);
    const named = new Set(casesOf(fields, false).map(({ name }) => name.split(': ')[0]));
    expect(fields.filter(({ path }) => !named.has(`${kind} ${path}`))).toEqual([]);
  }
  const root = schemas.get('InferenceService') ?? {};
  const read = fieldsOf('InferenceService', root)
    .filter(isRead)
    .map(({ path }) => path);
  for (const path of [
    'metadata.annotations[serving.kserve.io/gpu-resource-types]',
    'spec.predictor.model.args',
    'spec.predictor.workerSpec.containers[].resources.limits',
  ]) {
    expect(read).toContain(path);
  }
});
