/** The page in a real browser. Each file has a browser of its own. */
import unit from './jest.config.mjs';

export default {
  ...unit,
  testMatch: ['**/*.page.ts'],
  maxWorkers: 2,
  testTimeout: 60_000,
};
