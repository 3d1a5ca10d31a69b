/**
 * The JSON schema of the configuration file. The documentation's table and the chart's values schema are
 * made from it, so each key says what it is for.
 */
import { RELEASE_NAMES } from '../kserve/releases.ts';
import { ENFORCEMENT_LEVELS } from './config.ts';
import { MUTATION_MODES } from '../mutation/mode.ts';

/** A denial has 1,024 characters. */
const LONGEST_URL = 200;

/** Each is a metric. */
const MOST_EXCEPTIONS = 100;

const LEVELS = ['default', 'deny', 'warn', 'off'];
const VERSIONS = ['auto', ...RELEASE_NAMES];
/** YAML reads `version: 0.19` without quotes as a number. It reads 0.20 as 0.2, which is not a release. */
const UNQUOTED = RELEASE_NAMES.map(Number).filter((number) => !Number.isNaN(number));

/** @param ruleIds the ids that `rules` may name */
export function configSchema(ruleIds: readonly string[]): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'HeadcountConfig',
    type: 'object',
    additionalProperties: false,
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: { const: 'headcount.dev/v1alpha1' },
      kind: { const: 'HeadcountConfig' },
      rules: {
        type: 'object',
        description:
          'A level for each rule: deny raises its warnings, warn lowers its denials, off skips it.',
        additionalProperties: false,
        properties: Object.fromEntries(ruleIds.map((id) => [id, { enum: LEVELS }])),
      },
      mutation: section({
        mode: {
          enum: MUTATION_MODES,
          description: 'What /mutate may write: everything, only what is absent, or nothing.',
        },
        defaultAnnotations: {
          type: 'boolean',
          description: 'Add autoscalerClass "none" and deploymentMode "Standard" where they are absent.',
        },
        normalizeParallelism: {
          type: 'boolean',
          description: 'Split a tensor parallel size that is larger than a worker into TP x PP.',
        },
      }),
      storage: section({
        protocols: listOf({ enum: ['pvc', 'oci'] }, 'Protocols that storageUri may use.', 1),
        accessModes: listOf(
          { enum: ['ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOnce', 'ReadWriteOncePod'] },
          'Access modes that a claim of several pods may offer.',
          1,
        ),
      }),
      gpus: section({
        types: listOf({ type: 'string', minLength: 1 }, 'Further resource names that are GPUs.'),
        notGpus: listOf(
          { type: 'string', minLength: 1 },
          'Resource names, or prefixes that end in / or -, that are never GPUs.',
        ),
        maxTotal: { type: 'integer', minimum: 1, description: 'The highest TP x PP.' },
      }),
      denyAt: {
        enum: ['both', 'validate'],
        description: 'Deny in both phases, or let /mutate patch what it can and deny in /validate.',
      },
      lookupFailure: {
        enum: ['deny', 'warn'],
        description: 'What /validate does where the runtime could not be read.',
      },
      enforcement: {
        enum: ENFORCEMENT_LEVELS,
        description:
          'What becomes of denials in the whole cluster: they stand, they become warnings, or nothing is judged and nothing is written. A label of the namespace, where labels are honoured, decides first.',
      },
      exceptions: listOf(
        {
          type: 'object',
          additionalProperties: false,
          required: ['rules', 'namespaces', 'reason', 'until'],
          properties: {
            rules: listOf({ enum: ruleIds }, 'Rules whose denials become warnings.', 1),
            namespaces: listOf({ type: 'string', minLength: 1 }, 'Namespaces of the services.', 1),
            names: listOf(
              { type: 'string', pattern: '^[-.a-z0-9*]+$' },
              'Names of the services, in which * stands for any characters; all of them by default.',
              1,
            ),
            reason: { type: 'string', minLength: 1, maxLength: 200, description: 'Shown with each warning.' },
            until: {
              type: 'string',
              format: 'date',
              description: 'The last day, such as 2027-01-31; it ends at midnight UTC.',
            },
          },
        },
        'Denials that are warnings for some services until a day: rules, namespaces, names, reason, until.',
        0,
        MOST_EXCEPTIONS,
      ),
      namespaces: section({
        labels: {
          type: 'boolean',
          description:
            'Honour headcount.dev/enforce and headcount.dev/mutation on Namespaces. Whoever may update Namespace objects may then set them; while this is false, nobody but the author of this file decides.',
        },
        exempt: listOf({ type: 'string', minLength: 1 }, 'Namespaces in which nothing is judged.'),
      }),
      kserve: section({
        version: {
          enum: [...VERSIONS, ...UNQUOTED],
          description:
            "The release of KServe that is planned for; `auto` reads it off KServe's controller, and where that can't be read takes the newest whose plan stands. `odh` is Red Hat's fork.",
        },
      }),
      log: section({
        level: {
          enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
          description:
            'What is logged, as JSON lines on standard output; every decision is one line of info.',
        },
      }),
      docsUrl: {
        type: 'string',
        pattern: '^(https?://[!-~]+)?$',
        maxLength: LONGEST_URL,
        description:
          'A page of the platform that ends each denial, such as https://wiki.example.com/headcount/{rule}; {rule} stands for the id of the rule.',
      },
    },
  };
}

function section(properties: object): object {
  return { type: 'object', additionalProperties: false, properties };
}

function listOf(items: object, description: string, minItems = 0, maxItems?: number): object {
  return { type: 'array', items, minItems, ...(maxItems !== undefined && { maxItems }), description };
}
