/**
 * Patches of kustomize. A patch has the kind of the object that it changes but only a few of its fields, so judging it
 * would report missing fields that are in the other file.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { asList, asString, property } from '../../lib/json.ts';
import { readValues } from './yaml.ts';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Patches often lie in a folder below their kustomization. */
const LEVELS_UP = 2;

/** The kustomizations beside files, each read once. */
export class Kustomizations {
  /** Of each directory, the patches that its kustomization names. */
  readonly #patches = new Map<string, ReadonlySet<string>>();

  /** @returns the directory whose kustomization names the file as a patch; null where none does */
  patching(file: string): string | null {
    let directory = dirname(file);
    for (let level = 0; level <= LEVELS_UP; level++) {
      if (this.#of(directory).has(resolve(file))) return directory;
      directory = join(directory, '..');
    }
    return null;
  }

  #of(directory: string): ReadonlySet<string> {
    const key = resolve(directory);
    const known = this.#patches.get(key);
    if (known !== undefined) return known;
    const patches = new Set(NAMES.flatMap((name) => patchesIn(join(directory, name))));
    const absolute = new Set([...patches].map((patch) => resolve(directory, patch)));
    this.#patches.set(key, absolute);
    return absolute;
  }
}

/** @returns none for a kustomization that can't be read; if it is a file of the input, it is reported elsewhere */
function patchesIn(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const found: string[] = [];
  readValues(text, path, (kustomization) => {
    const listed = [
      ...asList(property(kustomization, 'patches')).map((patch) => property(patch, 'path')),
      ...asList(property(kustomization, 'patchesStrategicMerge')),
    ];
    found.push(...listed.map(asString).filter((patch) => patch !== null));
  });
  return found;
}
