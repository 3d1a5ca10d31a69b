/**
 * Where documents go: `-o FORMAT` is standard output (and so is `-o FORMAT=-`), `-o FORMAT=FILE` a file.
 * If all outputs are files, nothing is written to standard output.
 */
import { writeFile } from 'node:fs/promises';
import { causeOf } from './files.ts';
import { Refusal, UsageError } from './refusal.ts';
import type { Streams } from './streams.ts';

export interface Output<Format extends string> {
  readonly format: Format;
  /** null is standard output. */
  readonly path: string | null;
}

/**
 * @param given the values of -o, with checked formats; if there is none, `standard` is used
 * @throws UsageError when two documents would be written to one place
 */
export function outputsOf<Format extends string>(
  given: readonly string[],
  standard: Format,
): readonly Output<Format>[] {
  if (given.length === 0) return [{ format: standard, path: null }];
  const outputs = given.map((value) => {
    const [format = ''] = value.split('=', 1);
    const path = value.slice(format.length + 1);
    if (path === '' && value.includes('=')) throw new UsageError(`-o ${value}: a file is missing after =`);
    return { format: format as Format, path: path === '' || path === '-' ? null : path };
  });
  for (const [index, { path }] of outputs.entries()) {
    if (outputs.findIndex((other) => other.path === path) === index) continue;
    throw new UsageError(
      path === null
        ? 'two formats for standard output: give one of them a file, as in -o json=out.json'
        : `two formats for the file ${path}`,
    );
  }
  return outputs;
}

/**
 * Writes the files first, so that nothing is shown of a run that fails.
 * @throws Refusal for a file that can't be written
 */
export async function writeOutputs(
  documents: readonly { readonly path: string | null; readonly text: string }[],
  { stdout }: Streams,
): Promise<void> {
  for (const { path, text } of documents) if (path !== null) await save(path, text);
  for (const { path, text } of documents) if (path === null) stdout.write(text);
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new Refusal(`cannot write ${path}: ${causeOf(error)}`);
  }
}
