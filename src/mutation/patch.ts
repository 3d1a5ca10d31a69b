/**
 * A minimal JSON patch (RFC 6902) between two JSON values that share structure: `after` was made from
 * `before` by copying on write, so what was not touched is the same reference and is not even looked at.
 * It has no `test` operations: if one fails, the user gets a 500, even under failurePolicy Ignore.
 */
import { asObject, equalJson, property } from '../lib/json.ts';

export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** @returns the operations that turn `before` into `after`; empty when they are equal. */
export function diff(before: unknown, after: unknown): readonly Operation[] {
  const operations: Operation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, out: Operation[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, out);
  const left = asObject(before);
  const right = asObject(after);
  if (left === null || right === null) {
    if (!equalJson(before, after)) out.push({ op: 'replace', path, value: after });
    return;
  }
  for (const key of Object.keys(left)) {
    if (!Object.hasOwn(right, key)) out.push({ op: 'remove', path: `${path}/${escape(key)}` });
  }
  for (const key of Object.keys(right)) {
    if (!Object.hasOwn(left, key)) out.push({ op: 'add', path: `${path}/${escape(key)}`, value: right[key] });
    else if (left[key] !== right[key]) compare(left[key], right[key], `${path}/${escape(key)}`, out);
  }
}

/** Equal heads and tails stay; between them, entries of the same name change in place, the rest is swapped. */
function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  out: Operation[],
): void {
  let start = 0;
  while (start < before.length && start < after.length && equalJson(before[start], after[start])) start++;
  let oldEnd = before.length;
  let newEnd = after.length;
  while (oldEnd > start && newEnd > start && equalJson(before[oldEnd - 1], after[newEnd - 1])) {
    oldEnd--;
    newEnd--;
  }
  while (start < oldEnd && start < newEnd && sameEntry(before[start], after[start])) {
    compare(before[start], after[start], `${path}/${start}`, out);
    start++;
  }
  for (let index = oldEnd - 1; index >= start; index--) out.push({ op: 'remove', path: `${path}/${index}` });
  for (let index = start; index < newEnd; index++) {
    out.push({ op: 'add', path: `${path}/${index}`, value: after[index] });
  }
}

function sameEntry(before: unknown, after: unknown): boolean {
  const name = property(before, 'name');
  return name !== undefined && name === property(after, 'name');
}

function escape(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}
