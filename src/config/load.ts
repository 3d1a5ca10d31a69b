/**
 * The configuration file: text in, frozen Config out. Apart from config.ts because ajv takes longer to load
 * than `headcount plan` takes to run, and most runs have no file.
 */
import { Ajv, type ErrorObject } from 'ajv';
import { parseDocument } from 'yaml';
import { configSchema } from './schema.ts';
import { endOf } from './exceptions.ts';
import { DEFAULTS, type Config } from './config.ts';
import { RELEASE_NAMES } from '../kserve/releases.ts';
import { asList, asObject, at, frozen } from '../lib/json.ts';
import { didYouMean } from '../lib/nearest.ts';
import { plain } from '../lib/text.ts';

/** The file can't be used; the message is one line that names the file, the key and what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** More problems would not fit on a line. */
const MAX_PROBLEMS = 5;

/**
 * @param text of the YAML file
 * @param source its name, for messages
 * @param ruleIds the ids that `rules` may name
 * @throws ConfigError
 */
export function loadConfig(text: string, source: string, ruleIds: readonly string[]): Config {
  const file = parse(text, source);
  const check = new Ajv({ allErrors: true, verbose: true, formats: { date: isDay } }).compile(
    configSchema(ruleIds),
  );
  if (!check(file)) {
    const problems = new Set((check.errors ?? []).map(describe));
    throw new ConfigError(`${source}: ${[...problems].slice(0, MAX_PROBLEMS).join('; ')}`);
  }
  return frozen(merged(file));
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(endOf({ until: text }));
}

function parse(text: string, source: string): unknown {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem?.code === 'MULTIPLE_DOCS') {
    throw new ConfigError(`${source}: has several YAML documents, and a configuration is one`);
  }
  if (problem !== undefined) {
    throw new ConfigError(`${source}: not YAML: ${plain(problem.message.split('\n', 1)[0] ?? '', 300)}`);
  }
  try {
    const file: unknown = document.toJS({ maxAliasCount: 100 });
    if (asObject(file) !== null) return file;
  } catch (error) {
    throw new ConfigError(`${source}: not YAML: ${plain(String(error), 300)}`, { cause: error });
  }
  throw new ConfigError(`${source}: must be a mapping with apiVersion, kind and settings`);
}

function describe(error: ErrorObject): string {
  const { instancePath, keyword, params, message, data, parentSchema } = error;
  const path = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const under = (key: unknown): string => (path === '' ? String(key) : `${path}.${String(key)}`);
  switch (keyword) {
    case 'additionalProperties': {
      const names = Object.keys(asObject(parentSchema?.['properties']) ?? {});
      const word = String(params['additionalProperty']);
      return `unknown key ${plain(under(word), 200)}${didYouMean(word, names)}: use one of ${names.join(', ')}`;
    }
    case 'required':
      return `${under(params['missingProperty'])} is missing`;
    case 'enum':
      return `${path} is ${show(data)}: must be one of ${named(params['allowedValues']).join(', ')}`;
    case 'const':
      return `${path} is ${show(data)}: must be ${String(params['allowedValue'])}`;
    default:
      return `${path} is ${show(data)}: ${message ?? 'not allowed'}`;
  }
}

/** Leaves out numbers, which are only other spellings of a release name. */
function named(allowed: unknown): readonly string[] {
  return asList(allowed).filter((value) => typeof value === 'string');
}

function show(value: unknown): string {
  return plain(JSON.stringify(value) ?? 'missing', 60);
}

/** The defaults with the file's values in their places: sections key by key, lists as a whole. */
function merged(file: unknown): Config {
  const entries = Object.entries(DEFAULTS).map(([key, standard]: [string, unknown]) => {
    const given = at(file, key);
    const section = asObject(standard);
    return [key, section === null ? (given ?? standard) : { ...section, ...asObject(given) }];
  });
  const config = Object.fromEntries(entries) as Config;
  return { ...config, kserve: { version: quoted(config.kserve.version) } };
}

/** A release that was written as a number, by its name. */
function quoted(version: Config['kserve']['version'] | number): Config['kserve']['version'] {
  if (typeof version === 'string') return version;
  return RELEASE_NAMES.find((name) => Number(name) === version) ?? 'auto';
}
