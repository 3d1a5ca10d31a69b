/** The page's core, without a browser: links, and the stored manifest beside `headcount render`. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressOf, stateIn } from '../../src/page/core/address.ts';
import { preloadedIn } from '../../src/page/core/preloaded.ts';
import { EMPTY, VERSIONS, type State } from '../../src/page/core/state.ts';
import { verdictOn } from '../../src/page/core/verdict.ts';
import { headcount } from '../support/cli.ts';
import { MANIFESTS } from '../support/manifests.ts';

const NOTHING = preloadedIn('');

describe('a link', () => {
  const text = fc.string({ unit: 'binary' });
  const states: fc.Arbitrary<State> = fc.record({
    manifest: text,
    catalog: text,
    version: fc.constantFrom(...VERSIONS),
    modelConfig: text,
    gpuMemory: text,
  });

  test('holds the whole state, in characters that no chat takes out', async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const address = await addressOf(state);
        expect(address).toMatch(/^#1[\w-]*$/);
        expect(await stateIn(address)).toEqual(state);
      }),
    );
  });

  const linkTo = (json: string): string => `#1${deflateRawSync(json).toString('base64url')}`;

  test.each([
    ['a bomb', linkTo(JSON.stringify({ manifest: 'a'.repeat(5_000_000) }))],
    ['no JSON', linkTo('{')],
    ['not deflated', '#1aGVsbG8'],
    ['no base64', '#1***'],
    ['another version', '#2'],
    ['nothing', ''],
  ])('that is broken is none: %s', async (_what, address) => {
    expect(await stateIn(address)).toBeNull();
  });

  test.each([
    ['a list', '[]', EMPTY],
    ['values of other types', '{"manifest":1,"catalog":null,"version":"9.9"}', EMPTY],
    [
      'unknown keys',
      '{"__proto__":{"manifest":"a"},"other":1,"gpuMemory":"80Gi"}',
      { ...EMPTY, gpuMemory: '80Gi' },
    ],
  ])('of which not all is understood keeps the rest: %s', async (_what, json, state) => {
    expect(await stateIn(linkTo(json))).toEqual(state);
  });
});

/** render refuses some manifests; the page then says why, in the same words. */
test.each(MANIFESTS.map(({ name, text }) => [name, text] as const))(
  'the stored form of %s is what render writes',
  async (_name, text) => {
    const { plan, stored } = await verdictOn({ ...EMPTY, manifest: text }, NOTHING);
    const { code, out, err } = await headcount(['render', '-'], { stdin: text });
    if (stored.refusal !== null) expect(err).toContain(stored.refusal);
    else if (code < 2) expect(stored.value).toBe(out);
    // render refuses what it can't read; the page shows its findings, and changes nothing.
    else expect([stored.value, plan.value?.unreadable.length]).toEqual([text, 1]);
  },
);
