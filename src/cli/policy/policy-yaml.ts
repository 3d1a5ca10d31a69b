/** Policies as YAML that people can read: each expression a block of its own, without quotes and escapes. */
import { Document, isScalar, Scalar, visit } from 'yaml';

/** @returns one document, with a line end */
export function policyYaml(object: unknown): string {
  const document = new Document(object);
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || !String(key.value).toLowerCase().endsWith('expression')) return;
      if (isScalar(value)) value.type = Scalar.BLOCK_LITERAL;
    },
  });
  return document.toString({ lineWidth: 0 });
}
