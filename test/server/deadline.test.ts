/** How long an answer may take. */
import { expect, test } from '@jest/globals';
import { deadlineOf, Deadlines, FirstSeen, goDuration, longestDeadline } from '../../src/server/deadline.ts';

test('Go durations', () => {
  expect(['5s', '10s', '1m', '500ms', '1m30s', '1.5s'].map(goDuration)).toEqual([
    5e3, 1e4, 6e4, 500, 9e4, 1500,
  ]);
  for (const none of [undefined, '', '5', '-5s', 's', '5s ', '5S', '1e3s', ['5s'], {}]) {
    expect(goDuration(none)).toBeNull();
  }
});

test('?timeout less a second, between 100 ms and our own', () => {
  expect(['2s', '1500ms', '1s', '0s', '5s', '9999h', 'soon'].map((text) => deadlineOf(text, 3_000))).toEqual([
    1_000, 500, 100, 100, 3_000, 3_000, 3_000,
  ]);
});

test('two seconds less than timeoutSeconds, whatever it is, or a second less than a shorter ?timeout', () => {
  expect([1, 2, 3, 5, 10, 30].map(longestDeadline)).toEqual([100, 100, 1_000, 3_000, 8_000, 28_000]);
  const most = longestDeadline(10);
  expect(['1s', '2s', '5s', '9s', '10s', undefined].map((text) => deadlineOf(text, most))).toEqual([
    100, 1_000, 4_000, 8_000, 8_000, 8_000,
  ]);
});

test('a result in time, a result too late, and a failure', async () => {
  const deadlines = new Deadlines();
  const never = new Promise<string>(() => {});
  expect(await deadlines.within(1_000, Promise.resolve('there'), () => 'late')).toBe('there');
  expect(await deadlines.within(30, never, () => 'late')).toBe('late');
  expect(await deadlines.within(-1, never, () => 'late')).toBe('late');
  await expect(deadlines.within(1_000, Promise.reject(new Error('bug')), () => 'late')).rejects.toThrow(
    'bug',
  );
});

test('a retry keeps its first time for five seconds; however many others come, memory is bounded', () => {
  const seen = new FirstSeen(3_000);
  expect(seen.of('a', 0)).toBe(0);
  seen.answered('a', 0, 3_000);
  expect(seen.of('a', 4_000)).toBe(0);
  seen.answered('a', 0, 4_000);
  expect(seen.of('a', 5_000)).toBe(5_000);
  expect(seen.of('x'.repeat(65), 0)).toBe(0);
  seen.answered('x'.repeat(65), 0, 500);
  expect(seen.of('x'.repeat(65), 1_000)).toBe(1_000);
  for (let other = 0; other < 16_384; other++) {
    seen.answered(`other ${other}`, 6_000, 6_200);
  }
  expect(seen.of('a', 6_000)).toBe(6_000);
});

test('a longer deadline is retried for longer', () => {
  const seen = new FirstSeen(longestDeadline(10));
  seen.answered('a', 0, 8_000);
  expect([9_999, 10_000].map((now) => seen.of('a', now))).toEqual([0, 10_000]);
});

test('a review that was answered at once begins anew', () => {
  const seen = new FirstSeen(3_000);
  seen.answered('a', 0, 10);
  expect(seen.of('a', 1_000)).toBe(1_000);
});
