/**
 * Makes values.schema.json and the table in the chart's README from charts/headcount/values.yaml and the configuration's
 * schema. Run: npm run chart:generate; a test checks that both are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument, type Document, type Pair, type YAMLMap } from 'yaml';
import { REPORT_FORMATS } from '../src/cli/audit/report-kinds.ts';
import { configSchema } from '../src/config/schema.ts';
import { RULE_IDS } from '../src/rules/index.ts';

const CHART = join(import.meta.dirname, '../charts/headcount');
const TABLE = /(<!-- values -->\n)[^]*?(<!-- \/values -->)/;

type Schema = Readonly<Record<string, unknown>>;

/** One value: its path, its default and its comment. */
export interface Value {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly text: string;
}

/** By path: the values that take less than the type of their default lets through, or more. */
const NARROWER: Readonly<Record<string, Schema>> = {
  replicaCount: { type: 'integer', minimum: 0 },
  'image.pullPolicy': { enum: ['IfNotPresent', 'Always', 'Never'] },
  'image.digest': { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  imagePullSecrets: objects(),
  fullnameOverride: { type: 'string', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$', maxLength: 40 },
  commonLabels: strings(),
  config: configuration(),
  'logging.level': { enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
  kserveNamespace: { type: 'string', minLength: 1 },
  'certificates.mode': { enum: ['selfManaged', 'certManager', 'existingSecret'] },
  'certificates.certManager.issuerRef': {
    type: 'object',
    additionalProperties: false,
    properties: { name: { type: 'string' }, kind: { type: 'string' }, group: { type: 'string' } },
  },
  'webhook.mutating.failurePolicy': { enum: ['Fail', 'Ignore'] },
  'webhook.validating.failurePolicy': { enum: ['Fail', 'Ignore'] },
  'webhook.validating.runtimesFailurePolicy': { enum: ['Fail', 'Ignore'] },
  'webhook.mutating.timeoutSeconds': { type: 'integer', minimum: 1, maximum: 30 },
  'webhook.validating.timeoutSeconds': { type: 'integer', minimum: 1, maximum: 30 },
  'webhook.mutating.matchConditions': objects('name', 'expression'),
  'webhook.validating.matchConditions': objects('name', 'expression'),
  'webhook.mutating.annotations': strings(),
  'webhook.validating.annotations': strings(),
  'policy.validationActions': {
    type: 'array',
    minItems: 1,
    items: { enum: ['Deny', 'Warn', 'Audit'] },
    not: { allOf: [{ contains: { const: 'Deny' } }, { contains: { const: 'Warn' } }] },
  },
  'service.port': port(),
  'service.annotations': strings(),
  'ports.webhook': port(),
  'ports.ops': port(),
  'serviceAccount.annotations': strings(),
  heapPercentage: { type: 'integer', minimum: 10, maximum: 90 },
  podAnnotations: strings(),
  podLabels: strings(),
  tolerations: objects(),
  topologySpreadConstraints: objects('topologyKey'),
  terminationGracePeriodSeconds: { type: 'integer', minimum: 0 },
  'podDisruptionBudget.minAvailable': { type: ['integer', 'string'] },
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'] },
  extraArgs: { type: 'array', items: { type: 'string' } },
  extraEnv: objects('name'),
  extraVolumes: objects('name'),
  extraVolumeMounts: objects('name', 'mountPath'),
  'audit.schedule': { type: 'string', minLength: 1 },
  'audit.reports': { enum: REPORT_FORMATS },
  'networkPolicy.metricsFrom': objects(),
  'networkPolicy.apiServerPorts': { type: 'array', minItems: 1, items: port() },
  'metrics.serviceMonitor.labels': strings(),
  'metrics.prometheusRule.labels': strings(),
  'metrics.prometheusRule.refusalsPerMinute': { type: 'number', exclusiveMinimum: 0 },
  'metrics.dashboard.labels': strings(),
  'metrics.dashboard.annotations': strings(),
};

/** Values that are objects of Kubernetes: the API server checks them. */
const OPEN = [
  'resources',
  'podSecurityContext',
  'securityContext',
  'nodeSelector',
  'affinity',
  'updateStrategy',
  'audit.resources',
  'webhook.mutating.namespaceSelector',
  'webhook.mutating.objectSelector',
  'webhook.validating.namespaceSelector',
  'webhook.validating.objectSelector',
];

/** @returns every value that has a comment, in the file's order: the ones that users set */
export function values(): readonly Value[] {
  const document: Document = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  return valuesOf(document, document.contents as YAMLMap, []);
}

function valuesOf(document: Document, map: YAMLMap, path: readonly string[]): readonly Value[] {
  return map.items.flatMap((pair: Pair, index) => {
    const key = pair.key as { value: string; commentBefore?: string };
    const at = [...path, key.value];
    // The parser gives the comment before a map's first key to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    const text = /(?:^|\n) -- (.*)$/.exec(comment ?? '')?.[1];
    if (text !== undefined) return [{ path: at, value: plain(document, pair.value), text }];
    if (!isMap(pair.value)) throw new Error(`values.yaml: ${at.join('.')} has no comment`);
    return valuesOf(document, pair.value, at);
  });
}

function plain(document: Document, node: unknown): unknown {
  return isScalar(node) ? node.value : (node as { toJS(document: Document): unknown }).toJS(document);
}

/** @returns the text of values.schema.json */
export function valuesSchema(): string {
  const root: Record<string, unknown> = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the headcount chart',
    ...section(),
  };
  for (const { path, value, text } of values()) {
    let target = root;
    for (const step of path.slice(0, -1)) {
      const properties = target['properties'] as Record<string, Record<string, unknown>>;
      target = properties[step] ??= section();
    }
    const schema = schemaOf(path, value);
    (target['properties'] as Record<string, unknown>)[path.at(-1) ?? ''] = { description: text, ...schema };
  }
  // Helm hands every chart a `global`.
  (root['properties'] as Record<string, unknown>)['global'] = { type: 'object' };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function schemaOf(path: readonly string[], value: unknown): Schema {
  const name = path.join('.');
  return NARROWER[name] ?? (OPEN.includes(name) ? { type: 'object' } : { type: typeof value });
}

/** What a value takes, in the words of the table. */
function taken({ enum: choices, type, minimum, maximum, additionalProperties }: Schema): string {
  if (Array.isArray(choices)) return choices.map((choice) => `\`${choice}\``).join(', ');
  const least = JSON.stringify(minimum);
  if (type === 'integer' && maximum === undefined) return `integer >= ${least}`;
  if (type === 'integer') return `integer ${least} to ${JSON.stringify(maximum)}`;
  if (typeof additionalProperties === 'object') return 'strings by key';
  return Array.isArray(type) ? type.join(' or ') : type === 'array' ? 'list' : String(type);
}

/** @returns README.md with its table of values made anew */
export function readme(): string {
  const rows = values().map(({ path, value, text }) => {
    const shown = JSON.stringify(value).replaceAll('|', '\\|');
    const takes = taken(schemaOf(path, value));
    return `| \`${path.join('.')}\` | ${takes} | \`${shown}\` | ${text.replaceAll('|', '\\|')} |`;
  });
  const table = ['| value | takes | default | what |', '|---|---|---|---|', ...rows, ''].join('\n');
  const text = readFileSync(join(CHART, 'README.md'), 'utf8');
  return text.replace(TABLE, (_all, open: string, close: string) => `${open}${table}${close}`);
}

function section(): Record<string, unknown> {
  return { type: 'object', additionalProperties: false, properties: {} };
}

/** The file's schema without its first two lines, which the chart writes. */
function configuration(): Schema {
  const { properties } = configSchema(RULE_IDS) as { properties: Record<string, unknown> };
  const { apiVersion: _apiVersion, kind: _kind, ...keys } = properties;
  return { type: 'object', additionalProperties: false, properties: keys };
}

function objects(...required: readonly string[]): Schema {
  return { type: 'array', items: { type: 'object', required } };
}

function strings(): Schema {
  return { type: 'object', additionalProperties: { type: 'string' } };
}

function port(): Schema {
  return { type: 'integer', minimum: 1, maximum: 65_535 };
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(CHART, 'values.schema.json'), valuesSchema());
  writeFileSync(join(CHART, 'README.md'), readme());
}
