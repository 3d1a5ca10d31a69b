/** How each hand of a walk writes with kubectl. */
import type { Loose } from '../rules/cases.ts';
import { changed, FIELDS } from '../support/walks/fields.ts';
import type { Edit, Walk } from '../support/walks/walk.ts';
import { jsonPatch, mergePatch } from '../support/walks/writes.ts';

export interface Write {
  /** @param kind the resource as kubectl is told it */
  readonly args: (kind: string) => readonly string[];
  /** What kubectl reads on standard input, made of the object as it stands; absent where it reads nothing. */
  readonly object?: (stored: Loose) => Loose;
}

export function beginning({ beginning: verb }: Walk, manifest: Loose): Write {
  return fileBy(verb.split(' '), manifest);
}

/** The same file once more. */
export function again(manifest: Loose): Write {
  return fileBy(['apply'], manifest);
}

/**
 * @param file the hand's own file with the change in it
 * @returns null for a JSON patch that could not be applied
 */
export function writeOf({ hand, change }: Edit, file: Loose, twin: Loose, name: string): Write | null {
  const patch = (type: string, content: Loose): Write => ({
    args: (kind) => ['patch', kind, name, `--type=${type}`, '-p', JSON.stringify(content)],
  });
  switch (hand) {
    case 'merge patch':
      return patch('merge', mergePatch(FIELDS[change.field].path, change.value));
    case 'JSON patch': {
      const operation = jsonPatch(change, twin);
      return operation === null ? null : patch('json', [operation]);
    }
    case 'read, change, replace':
      return { args: () => ['replace', '-f', '-'], object: (stored) => changed(stored, change) };
    case 'another manager':
      return fileBy(['apply', '--server-side', '--force-conflicts', '--field-manager=gitops'], file);
    default:
      return fileBy(hand.split(' '), file);
  }
}

function fileBy(verb: readonly string[], file: Loose): Write {
  return { args: () => [...verb, '-f', '-'], object: () => file };
}
