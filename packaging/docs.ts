/**
 * The pages that are made from the code: docs/configuration.md from the configuration's schema,
 * docs/command-line.md from the commands' help, docs/metrics.md from the registry, docs/architecture.md's diagram from the
 * imports, and the tables of KServe's releases.
 * Run: npm run docs:generate; a test holds that they are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { COMMANDS } from '../src/cli/program/commands.ts';
import { run } from '../src/cli/program/run.ts';
import { configSchema } from '../src/config/schema.ts';
import { DEFAULTS } from '../src/config/config.ts';
import { makeMetrics } from '../src/server/metrics.ts';
import { RULE_IDS } from '../src/rules/index.ts';
import { withDiagram } from './architecture.ts';
import { compatibility, differences, withTable } from './releases.ts';

const ROOT = join(import.meta.dirname, '..');

/** The keywords of JSON Schema that the configuration's schema uses. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly description?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** @returns the text of each page, by its path from the root */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/architecture.md': withDiagram(readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')),
    'docs/command-line.md': await commandLine(),
    'docs/configuration.md': configuration(),
    'docs/metrics.md': await metrics(),
    'README.md': withTable(read('README.md'), 'releases', compatibility()),
    'docs/kserve.md': withTable(read('docs/kserve.md'), 'releases', differences()),
  };
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

async function commandLine(): Promise<string> {
  const sections: string[] = [];
  for (const { command } of COMMANDS) {
    const name = command().name();
    sections.push(`## ${name}\n\n\`\`\`text\n${await helpOf(name)}\`\`\`\n`);
  }
  return [
    '# Command line',
    'Made from the commands (`src/cli/*/command.ts`) by `npm run docs:generate`: what `headcount COMMAND --help` prints.',
    ...sections,
  ].join('\n\n');
}

async function helpOf(name: string): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const none = (async function* (): AsyncIterable<never> {})();
  await run(['help', name], { stdin: none, stdout, stderr: process.stderr, env: {} });
  return text;
}

function configuration(): string {
  const { properties = {} } = configSchema(RULE_IDS) as Schema;
  const rows = Object.entries(properties)
    .filter(([key]) => key !== 'apiVersion' && key !== 'kind')
    .flatMap(([key, schema]) => keysOf(key, schema, DEFAULTS[key as keyof typeof DEFAULTS]));
  const file = { apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig', ...DEFAULTS };
  return `# Configuration

Made from the schema (\`src/config/schema.ts\`) by \`npm run docs:generate\`.

One YAML file, \`--config\`; the chart's value \`config\` without its first two lines. Unknown keys and wrong types are
refused with their path. A running server reads the file again when it changes: a bad one is refused, shows in the log and
in \`headcount_config_valid\`, and the last good one stays in force. At start a bad one ends the server.

| key | takes | default | what |
|---|---|---|---|
${rows.join('\n')}

The defaults as a file:

\`\`\`yaml config
${stringify(file)}\`\`\`

A service's annotation comes first (\`headcount.dev/mutation\`, \`headcount.dev/parallelism\`), then its namespace's label where
\`namespaces.labels\` is true, then this file.

The rules that \`rules\` may name: ${RULE_IDS.map((id) => `[${id}](rules/${id}.md)`).join(', ')}.
`;
}

function keysOf(path: string, schema: Schema, value: unknown): readonly string[] {
  const keys = Object.entries(schema.properties ?? {});
  if (keys.length > 0 && path !== 'rules') {
    return keys.flatMap(([key, inner]) =>
      keysOf(`${path}.${key}`, inner, (value as Readonly<Record<string, unknown>>)[key]),
    );
  }
  return [
    `| \`${path}\` | ${taken(path, schema)} | \`${JSON.stringify(value)}\` | ${schema.description ?? ''} |`,
  ];
}

function taken(path: string, { type, enum: all, items, minimum, minItems }: Schema): string {
  if (path === 'rules') return 'a level by rule id: `default`, `deny`, `warn`, `off`';
  // The numbers are but other ways to write a release.
  const choices = all?.filter((choice) => typeof choice === 'string');
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (path === 'exceptions') return 'a list of mappings ([operating](operating.md#exceptions))';
  if (items !== undefined) return `a list${(minItems ?? 0) > 0 ? ', not empty,' : ''} of ${taken('', items)}`;
  if (type === 'integer') return `a whole number >= ${minimum}`;
  return type === 'boolean' ? '`true`, `false`' : 'text';
}

async function metrics(): Promise<string> {
  const none = { leafExpires: null, caExpires: null, trusted: null };
  const made = makeMetrics({
    version: '',
    process: false,
    caches: () => [],
    certificates: () => none,
    release: async () => ({ release: '', from: '' }),
    exceptions: () => [],
    inForce: () => new Map(),
  });
  const { text } = await made.expose();
  const labels = made.labels();
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)].map(
    ([, name = '', help, type]) =>
      `| \`${name}\` | ${type} | ${(labels.get(name) ?? []).map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return `# Metrics

Made from the server's own registry by \`npm run docs:generate\`. They are served in Prometheus' format on the port of
operations (8081), beside those of the process (\`process_*\`, \`nodejs_*\`). No label ever carries a name, a namespace or other text
of a request. What to be alarmed by is in [operating](operating.md#alerts).

| metric | type | labels | what |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(await generatedPages())) writeFileSync(join(ROOT, path), text);
}
