/** Jest silently runs tests as CommonJS when its flag is missing. This test passes only in an ES module. */
import { expect, test } from '@jest/globals';

test('the tests run as ES modules', async () => {
  expect(import.meta.url).toMatch(/^file:.*\/test\/support\/esm\.test\.ts$/);
  expect(typeof require).toBe('undefined');
  const { RULES } = await import('../../src/rules/index.ts');
  expect(Object.prototype.toString.call(await import('../../src/rules/index.ts'))).toBe('[object Module]');
  expect(RULES.length).toBeGreaterThan(0);
});
