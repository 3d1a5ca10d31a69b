/** The files that the arguments stand for, and their text. */
import { readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { asString } from '../../lib/json.ts';
import { STDIN_NAME, type Source } from './items.ts';
import type { Streams } from './streams.ts';
import { unreadableBytes } from './unreadable.ts';

const STDIN = '-';
const EXTENSIONS = ['.yaml', '.yml', '.json'];

/**
 * @returns the files at the paths, those of a directory sorted by name. A path that can't be opened is returned too:
 *   reading it then gives the reason
 */
export function filesOf(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => (path === STDIN ? [path] : filesUnder(path)));
}

/** @returns each file once, however often and by whatever path it is given */
export function eachFileOnce(files: readonly string[]): readonly string[] {
  const byPlace = Map.groupBy(files, (file) => (file === STDIN ? file : resolve(file)));
  return [...byPlace.values()].flatMap(([first]) => first ?? []);
}

/** Hidden directories are left out, such as .git and the second copy of the files in a mounted ConfigMap. */
function filesUnder(path: string): readonly string[] {
  const entries = entriesOf(path);
  if (entries === null) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesUnder(child);
      return EXTENSIONS.includes(extname(entry.name)) && mayBeFile(entry, child) ? [child] : [];
    });
}

/** @returns null for a file, and for a directory that can't be listed */
function entriesOf(path: string): Dirent[] | null {
  try {
    return statSync(path).isDirectory() ? readdirSync(path, { withFileTypes: true }) : null;
  } catch {
    return null;
  }
}

/** @returns whether the file is a pipe or the like, which gives its text only once */
export function isPipe(path: string): boolean {
  try {
    const found = statSync(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

/** A link to nowhere is taken for a file. */
function mayBeFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(path).isFile();
  } catch {
    return true;
  }
}

/** @throws UnreadableFile */
export async function readSource(file: string, stdin: Streams['stdin']): Promise<Source> {
  const text = await textOf(file, stdin);
  return file === STDIN ? { file: STDIN_NAME, path: null, text } : { file, path: file, text };
}

/** @throws UnreadableFile, also for empty standard input: probably the program before the pipe has failed */
export async function textOf(path: string, stdin: Streams['stdin']): Promise<string> {
  const bytes = await bytesOf(path, stdin);
  const name = path === STDIN ? STDIN_NAME : path;
  const text = decoded(bytes);
  if (text === null) {
    throw unreadableBytes(name, 'it is not UTF-8 text', 'save it as UTF-8', firstBadLine(bytes));
  }
  if (path === STDIN && text.trim() === '') {
    throw unreadableBytes(name, 'it is empty', 'has the program before the pipe failed?');
  }
  return text;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Decodes line by line. This is safe, because in UTF-8 no longer character contains the byte of a line end. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(LINE_END, start);
    if (end === -1 || decoded(bytes.subarray(start, end)) === null) return line;
    start = end + 1;
  }
}

const LINE_END = 0x0a;

/** Reads files synchronously: for thousands of small files, waiting would cost more time than reading. */
async function bytesOf(path: string, stdin: Streams['stdin']): Promise<Uint8Array> {
  if (path === STDIN) {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as string | Uint8Array));
    return Buffer.concat(chunks);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadableBytes(path, causeOf(error));
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'a loop of links',
};

/** @returns why a file can't be read or written, in words where the code is a common one. */
export function causeOf(error: unknown): string {
  const code = asString((error as NodeJS.ErrnoException).code) ?? 'unknown error';
  return CAUSES[code] ?? code;
}
