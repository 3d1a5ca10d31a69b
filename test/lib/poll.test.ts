/** Looks follow one another, however long each takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { poll } from '../../src/lib/poll.ts';

test('a slow look is never overtaken by the next, and none comes after the end', async () => {
  const events: ('begins' | 'ends')[] = [];
  const stop = poll(async () => {
    events.push('begins');
    await sleep(20);
    events.push('ends');
  }, 2);
  while (events.length < 5) await sleep(5);
  stop();
  const looks = Math.ceil(events.length / 2);
  await sleep(60);
  expect(events).toEqual(Array.from({ length: looks }, () => ['begins', 'ends']).flat());
});
