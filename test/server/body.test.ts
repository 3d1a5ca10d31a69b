/** Reading a body that arrives in pieces of any size. */
import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readBody, type Body } from '../../src/server/body.ts';

const LIMIT = 100_000;

function read(pieces: readonly Buffer[], hold: (bytes: number) => boolean = () => true): Promise<Body> {
  const stream = new PassThrough({ highWaterMark: 1 });
  const body = readBody(stream as unknown as IncomingMessage, LIMIT, hold);
  void (async () => {
    for (const piece of pieces)
      if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve));
    stream.end();
  })();
  return body;
}

test('the pieces are joined in their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), { maxLength: 20 }),
      async (pieces) => {
        const { bytes, complete } = await read(pieces.map((piece) => Buffer.from(piece)));
        expect(bytes.equals(Buffer.concat(pieces))).toBe(true);
        expect(complete).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('20,000 pieces of one byte take no more than twice their bytes', async () => {
  let most = 0;
  const pieces = Array.from({ length: 20_000 }, (_, index) => Buffer.from([index % 256]));
  const { bytes } = await read(pieces, (held) => {
    most = Math.max(most, held);
    return true;
  });
  expect(bytes.length).toBe(20_000);
  expect(most).toBeLessThanOrEqual(40_000);
});

test('a body of exactly the limit is read; of a longer one only the beginning is kept', async () => {
  const exact = await read([Buffer.alloc(LIMIT - 1, 'a'), Buffer.from('b')]);
  expect([exact.complete, exact.bytes.length]).toEqual([true, LIMIT]);
  for (const pieces of [[LIMIT, 1], [LIMIT + 1], [10, LIMIT], [1, LIMIT, LIMIT]]) {
    const { bytes, complete } = await read(pieces.map((length) => Buffer.alloc(length, 'a')));
    expect([complete, bytes.toString()]).toEqual([false, 'a'.repeat(4096)]);
  }
});

test('without room the answer is 429, and the rest of the body is discarded', async () => {
  const pieces = [Buffer.alloc(10_000), Buffer.alloc(10_000), Buffer.alloc(10_000)];
  await expect(read(pieces, (held) => held <= 15_000)).rejects.toMatchObject({ statusCode: 429 });
});

test('a body that breaks off is the fault of the client', async () => {
  const stream = new PassThrough();
  const body = readBody(stream as unknown as IncomingMessage, LIMIT, () => true);
  stream.write('abc');
  stream.destroy();
  await expect(body).rejects.toMatchObject({ statusCode: 400 });
});
