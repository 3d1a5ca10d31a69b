/** Reading the answers of an API server: pages and events of any length, in bounded memory. */
import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../src/cluster/answer.ts';
import { connect } from '../../src/cluster/kube.ts';
import type { Api } from '../../src/cluster/api.ts';
import { linesOf } from '../../src/cluster/answer.ts';
import { PAGE_BYTES, PageSize } from '../../src/cluster/page-size.ts';
import { file } from '../support/cli.ts';
import { FakeApi } from '../support/fake-api.ts';
import type { Loose } from '../rules/cases.ts';

const MIB = 1024 ** 2;

async function* chunks(...texts: readonly (string | Buffer)[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function lines(from: AsyncIterable<Buffer>, most?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const line of linesOf(from, most)) found.push(line);
  return found;
}

describe('lines of a watch', () => {
  test('over several chunks, several in a chunk, empty, the last without its end', async () => {
    expect(await lines(chunks('a', 'b\nc\n', '\n', 'd\ne'))).toEqual(['ab', 'c', '', 'd']);
  });

  test('a character that two chunks share', async () => {
    const bytes = Buffer.from('für\n');
    expect(await lines(chunks(bytes.subarray(0, 2), bytes.subarray(2)))).toEqual(['für']);
  });

  test('a line that is longer than any object ends the watch', async () => {
    expect(await lines(chunks('1234', '5\n'), 5)).toEqual(['12345']);
    await expect(lines(chunks('1234', '56', '7\n'), 5)).rejects.toThrow(ApiError);
  });
});

describe('the size of a page', () => {
  test('grows with small objects up to what was asked for', () => {
    const size = new PageSize(500);
    expect(size.limit).toBe(50);
    size.learn(50, 50 * 3_000);
    expect(size.limit).toBe(200);
    size.learn(200, 200 * 3_000);
    expect(size.limit).toBe(500);
  });

  test('shrinks to one object, and no further', () => {
    const size = new PageSize(500);
    const limits: number[] = [];
    while (size.shrink()) limits.push(size.limit);
    expect(limits).toEqual([6, 1]);
    size.learn(1, 0.7 * MIB);
    expect(size.limit).toBe(2);
    size.learn(1, PAGE_BYTES);
    expect(size.limit).toBe(1);
    size.learn(1, 1_000);
    expect(size.limit).toBe(4);
  });

  test('a page without objects does not shrink the next one', () => {
    const size = new PageSize(250);
    size.learn(0, 200);
    expect(size.limit).toBe(200);
  });
});

test.each<[string, readonly number[], readonly number[]]>([
  ['small objects, one page', Array<number>(40).fill(1_000), [50]],
  ['more of them than a page holds', Array<number>(60).fill(1_000), [50, 200]],
  ['large ones are asked for again, fewer at a time', Array<number>(4).fill(MIB), [50, 6, 1, 1, 1, 1]],
  ['one that is larger than a page alone', [5 * MIB, 1_000], [50, 6, 1, 1]],
])('a list of %s', async (_what, sizes, expected) => {
  const objects = sizes.map((size, index): Loose => ({
    kind: 'InferenceService',
    apiVersion: 'serving.kserve.io/v1beta1',
    metadata: { name: `s${index}`, namespace: 'team' },
    spec: 'x'.repeat(size),
  }));
  const fake = await FakeApi.start(objects);
  const api: Api = connect({ kubeconfig: file('kubeconfig', fake.kubeconfig) });
  try {
    const names: string[] = [];
    for await (const { items } of api.pages('/apis/serving.kserve.io/v1beta1/inferenceservices')) {
      names.push(...items.map((item) => (item as Loose).metadata.name));
    }
    expect(names).toEqual(objects.map(({ metadata }) => metadata.name));
    expect(fake.seen.map((url) => Number(/limit=(\d+)/.exec(url)?.[1]))).toEqual(expected);
  } finally {
    api.close();
    fake.stop();
  }
});

test('an object that is longer than any etcd holds ends the list with an error', async () => {
  const fake = await FakeApi.start([
    { kind: 'InferenceService', metadata: { name: 'x' }, spec: 'x'.repeat(17 * MIB) },
  ]);
  const api: Api = connect({ kubeconfig: file('kubeconfig', fake.kubeconfig) });
  const path = '/apis/serving.kserve.io/v1beta1/inferenceservices';
  const all = async (): Promise<void> => {
    for await (const { items } of api.pages(path)) expect(items).toEqual([]);
  };
  await expect(all()).rejects.toThrow('an object of the list is too long');
  api.close();
  fake.stop();
});
