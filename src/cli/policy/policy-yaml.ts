/** Policies as YAML that people can read: each expression a block of its own, without quotes and escapes. */
import { blockYaml, PLAIN_STYLE } from '../shared/yaml-write.ts';

/** @returns one document, with a line end */
export function policyYaml(object: unknown): string {
  return `${blockYaml(object, PLAIN_STYLE, (key) => key.toLowerCase().endsWith('expression'))}\n`;
}
