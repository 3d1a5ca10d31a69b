/**
 * The linter's configuration, and with it the arrows between the folders of src: data flows one way. The test
 * test/docs/architecture.test.ts draws docs/architecture.md's diagram from the imports and holds it against ARROWS.
 */

/** For each folder of src the folders that it may import from, its own left aside; what is not named is refused. */
export const ARROWS = {
  lib: [],
  kserve: ['lib'],
  vllm: ['lib', 'kserve'],
  fit: ['lib', 'kserve'],
  mutation: ['lib', 'kserve', 'vllm'],
  rules: ['lib', 'kserve', 'vllm', 'mutation'],
  config: ['lib', 'kserve', 'mutation', 'rules'],
  certs: ['lib'],
  registration: ['lib'],
  cluster: ['lib', 'kserve', 'fit', 'certs', 'registration'],
  admission: ['lib', 'kserve', 'mutation', 'rules', 'config', 'registration', 'cluster'],
  cel: ['kserve', 'rules', 'config'],
  server: ['lib', 'rules', 'config', 'certs', 'registration', 'cluster', 'admission'],
  cli: [
    'lib',
    'kserve',
    'vllm',
    'fit',
    'mutation',
    'rules',
    'config',
    'certs',
    'registration',
    'cluster',
    'admission',
    'cel',
    'server',
  ],
  // In a browser: what it imports on the way must not need Node, which the build refuses (packaging/page.ts).
  page: ['lib', 'kserve', 'fit', 'vllm', 'mutation', 'rules', 'config', 'cluster', 'admission', 'cli'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Folder = keyof typeof ARROWS;
const FOLDERS = Object.keys(ARROWS) as readonly Folder[];

/** What it knows it was told as an argument: it runs in a browser as well as in a server. */
const CORE: readonly Folder[] = ['lib', 'kserve', 'vllm', 'fit', 'mutation', 'rules', 'cel'];

const NO_ARROW = FOLDERS.map((folder) => {
  const allowed: readonly string[] = [folder, ...ARROWS[folder]];
  const refused = FOLDERS.filter((other) => !allowed.includes(other));
  const io = {
    group: ['node:*', 'fastify', 'pino', 'prom-client', 'selfsigned', 'yaml', 'ajv', 'commander'],
    message: 'The core has no I/O.',
  };
  const arrows = {
    group: refused.map((other) => `**/${other}/**`),
    message: `Data flows one way: src/${folder} imports from ${allowed.join(', ')} only (oxlint.config.ts).`,
  };
  const isCore = CORE.includes(folder);
  return {
    files: [`src/${folder}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...(refused.length > 0 ? [arrows] : []), ...(isCore ? [io] : [])] },
      ],
      ...(isCore && {
        'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch'],
      }),
    },
  };
});

/** The files in src itself start the programs. */
const ENTRIES = {
  files: ['src/*.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: FOLDERS.filter((folder) => folder !== 'cli').map((folder) => `**/${folder}/**`),
            message: 'A program starts in src/cli (oxlint.config.ts).',
          },
        ],
      },
    ],
  },
};

export default {
  plugins: ['typescript', 'import', 'promise', 'unicorn', 'oxc'],
  jsPlugins: ['eslint-plugin-regexp'],
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist', 'node_modules', 'coverage'],
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-type-imports': 'error',
    'import/no-cycle': 'error',
    'unicorn/no-array-sort': 'off',
    'no-await-in-loop': 'off',
    'import/no-named-as-default-member': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/consistent-return': 'off',
  },
  overrides: [
    {
      files: ['src/**'],
      rules: {
        'import/no-cycle': ['error', { ignoreTypes: false }],
        // A tenant's text may be long: a regular expression takes time in proportion to it, and no more.
        'regexp/no-super-linear-move': ['error', { report: 'potential' }],
        'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      },
    },
    ...NO_ARROW,
    ENTRIES,
  ],
};
