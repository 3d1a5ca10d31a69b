/** The end-to-end suite. Each file has a cluster of its own; some mostly wait, so two run at a time. */
import unit from './jest.config.mjs';

export default {
  ...unit,
  testMatch: ['**/*.e2e.ts'],
  maxWorkers: 2,
  testTimeout: 300_000,
};
