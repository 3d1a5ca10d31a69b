/** Jest runs the TypeScript as ES modules; swc strips the types, `npm run types` checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // Some files mostly wait. By default Jest leaves a core to itself: of two it would use one.
  maxWorkers: '150%',
  testTimeout: 120_000,
};
