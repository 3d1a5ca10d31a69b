/** Computing that takes too long is ended, so that it does not hold up other requests. */
import { describe, expect, test } from '@jest/globals';
import { LONGEST_COMPUTING, limited, Overrun, runWithin } from '../../src/server/limited.ts';

function endless(): never {
  for (;;);
}

describe('limited computing', () => {
  test('returns what the work returns, and throws what it throws', async () => {
    await expect(limited(() => ({ sum: 3 }))).resolves.toEqual({ sum: 3 });
    await expect(
      limited(() => {
        throw new RangeError('no');
      }),
    ).rejects.toThrow(RangeError);
  });

  test('ends work that never ends, and works again afterwards', async () => {
    await expect(limited(endless)).rejects.toThrow(Overrun);
    expect(LONGEST_COMPUTING).toBeLessThanOrEqual(250);
    expect(runWithin(1_000, () => 'again')).toBe('again');
  });

  test('work that waited for a processor is no reason to refuse', async () => {
    let tries = 0;
    const result = await limited(() => {
      tries++;
      // Sleeps as a process does that gets no processor.
      if (tries === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * LONGEST_COMPUTING);
      return 'computed';
    });
    expect([result, tries]).toEqual(['computed', 2]);
  });

  test('work within work keeps its own result', () => {
    expect(runWithin(1_000, () => runWithin(1_000, () => 1) + 1)).toBe(2);
  });
});
