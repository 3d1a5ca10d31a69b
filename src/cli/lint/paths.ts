/** How the formats for other programs name a file: from the working directory, which is the checkout in CI. */
import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { STDIN_NAME } from '../shared/items.ts';

/** @returns the path with slashes, relative where the file is below; null for standard input. */
export function pathFromHere(file: string): string | null {
  if (file === STDIN_NAME) return null;
  const path = relative('', file);
  return isOutside(path) ? file.split(sep).join('/') : path.split(sep).join('/');
}

/** @returns a URI reference: relative where the file is below, `file:` where it is not. */
export function uriFromHere(file: string): string {
  const path = relative('', file);
  if (file !== STDIN_NAME && isOutside(path)) return pathToFileURL(file).href;
  return path.split(sep).map(encodeURIComponent).join('/');
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}
