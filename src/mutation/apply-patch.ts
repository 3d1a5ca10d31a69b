/**
 * Applies a JSON patch that patch.ts made, as the API server will: so that the command line can show what
 * /validate says about the object that /mutate leaves behind.
 */
import { asObject } from '../lib/json.ts';
import type { Operation } from './patch.ts';

/**
 * @returns a patched copy
 * @throws Error for an operation whose parent does not exist: a bug in the patch
 */
export function applyPatch(object: unknown, operations: readonly Operation[]): unknown {
  const root = { '': structuredClone(object) };
  for (const operation of operations) applyOne(root, operation);
  return root[''];
}

function applyOne(root: object, operation: Operation): void {
  const steps = operation.path.split('/').map(unescape);
  const last = steps.pop() ?? '';
  // An empty path names the whole object, which the root holds under the empty key.
  let parent: unknown = root;
  for (const step of steps) parent = (parent as Record<string, unknown> | undefined)?.[step];
  if (Array.isArray(parent)) {
    const inserted = operation.op === 'remove' ? [] : [operation.value];
    parent.splice(Number(last), operation.op === 'add' ? 0 : 1, ...inserted);
    return;
  }
  if (asObject(parent) === null) throw new Error(`the patch does not apply: ${operation.path} has no parent`);
  const target = parent as Record<string, unknown>;
  if (operation.op === 'remove') delete target[last];
  else target[last] = operation.value;
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
