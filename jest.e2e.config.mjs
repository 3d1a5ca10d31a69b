/** The end-to-end suite: one file after the other, each with a cluster of its own. */
import unit from './jest.config.mjs';

export default {
  ...unit,
  testMatch: ['**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
