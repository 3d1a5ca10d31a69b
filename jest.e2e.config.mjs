/** The end-to-end suite. Each file has a cluster of its own; some mostly wait, so that three run at a time on two cores. */
import unit from './jest.config.mjs';

export default {
  ...unit,
  testMatch: ['**/*.e2e.ts'],
  // Many steps assert by throwing: a command that fails, an answer that does not come.
  setupFilesAfterEnv: [],
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/e2e/order.mjs',
  testTimeout: 300_000,
};
