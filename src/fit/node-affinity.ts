/**
 * nodeSelector and the required node affinity of a pod. Terms are alternatives, the parts of a term hold together, and
 * an empty term matches no node (read: k8s.io/component-helpers v0.36.3, scheduling/corev1/nodeaffinity).
 */
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import type { Node } from './node.ts';

type Requirement = (node: Node) => boolean;
type Term = readonly Requirement[];

export interface NodeChoice {
  readonly selector: readonly (readonly [key: string, value: unknown])[];
  /** null where no node affinity is required. */
  readonly terms: readonly Term[] | null;
}

/** @param spec of a pod */
export function readNodeChoice(spec: unknown): NodeChoice {
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return {
    selector: Object.entries(asObject(property(spec, 'nodeSelector')) ?? {}),
    terms: asObject(required) === null ? null : asList(property(required, 'nodeSelectorTerms')).map(readTerm),
  };
}

export function isSelected({ labels }: Node, { selector }: NodeChoice): boolean {
  return selector.every(([key, value]) => labels.get(key) === value);
}

export function isAffine(node: Node, { terms }: NodeChoice): boolean {
  return terms === null || terms.some((term) => term.length > 0 && term.every((holds) => holds(node)));
}

function readTerm(raw: unknown): Term {
  return [
    ...asList(property(raw, 'matchExpressions')).map(ofLabel),
    ...asList(property(raw, 'matchFields')).map(ofField),
  ];
}

/** metadata.name is the one field that Kubernetes takes. */
function ofField(raw: unknown): Requirement {
  const values = valuesOf(raw);
  const isName = property(raw, 'key') === 'metadata.name';
  const operator = property(raw, 'operator');
  if (!isName || (operator !== 'In' && operator !== 'NotIn')) return () => false;
  return ({ name }) => values.includes(name) === (operator === 'In');
}

function ofLabel(raw: unknown): Requirement {
  const key = asString(property(raw, 'key')) ?? '';
  const values = valuesOf(raw);
  const holds = OPERATORS[asString(property(raw, 'operator')) ?? ''] ?? (() => false);
  return ({ labels }) => holds(labels.get(key), values);
}

type Operator = (label: string | undefined, values: readonly string[]) => boolean;

/** NotIn and DoesNotExist hold for a node without the label, all others do not. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  In: (label, values) => label !== undefined && values.includes(label),
  NotIn: (label, values) => label === undefined || !values.includes(label),
  Exists: (label) => label !== undefined,
  DoesNotExist: (label) => label === undefined,
  Gt: (label, values) => compare(label, values, (here, there) => here > there),
  Lt: (label, values) => compare(label, values, (here, there) => here < there),
};

const INTEGER = /^[+-]?\d{1,18}$/;

/** Both sides are whole numbers, or nothing matches. */
function compare(
  label: string | undefined,
  [value = '']: readonly string[],
  holds: (here: bigint, there: bigint) => boolean,
): boolean {
  if (label === undefined || !INTEGER.test(label) || !INTEGER.test(value)) return false;
  return holds(BigInt(label.replace('+', '')), BigInt(value.replace('+', '')));
}

function valuesOf(raw: unknown): readonly string[] {
  return asList(property(raw, 'values')).filter((value) => typeof value === 'string');
}
