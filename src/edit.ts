/**
 * Changing a JSON value without touching it: what lies on the way to the change is copied, everything else
 * is shared. patch.ts relies on that to find a change without looking at the whole object.
 */
import { asObject } from './json.ts';

export type Path = readonly (string | number)[];

/** @returns the value at `path`; undefined when there is none. */
export function getIn(root: unknown, path: Path): unknown {
  let here = root;
  for (const step of path) {
    if (typeof step === 'number') here = Array.isArray(here) ? (here as unknown[])[step] : undefined;
    else
      here =
        asObject(here) !== null && Object.hasOwn(here as object, step)
          ? (here as Record<string, unknown>)[step]
          : undefined;
  }
  return here;
}

/** @returns a copy with `value` at `path`; every parent must exist. A list index may be its length: append. */
export function setIn(root: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy = shallowCopy(root);
  const child = (copy as Record<string | number, unknown>)[step];
  (copy as Record<string | number, unknown>)[step] = setIn(child, rest, value);
  return copy;
}

/** @returns a copy without what stands at `path`; later entries of a list move up. */
export function removeIn(root: unknown, path: Path): unknown {
  const last = path.at(-1);
  if (last === undefined || getIn(root, path) === undefined) return root;
  const parentPath = path.slice(0, -1);
  const parent = shallowCopy(getIn(root, parentPath));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return setIn(root, parentPath, parent);
}

function shallowCopy(value: unknown): object {
  return Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
}
