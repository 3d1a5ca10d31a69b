/**
 * Tells services that are named as kubectl names them (`isvc/llm`) from files. Apart from live.ts, which reads them,
 * since that brings the Kubernetes client along.
 */
import { stat } from 'node:fs/promises';
import type { Streams } from './streams.ts';

/** The resource as kubectl takes it, and a name as the API server does. */
const REFERENCE = /^(?:isvc|inferenceservices?(?:\.serving\.kserve\.io)?)\/([a-z]([a-z0-9-]*[a-z0-9])?)$/;
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

export interface Named {
  /** What is left: files and directories. */
  readonly paths: readonly string[];
  /** Names of services. */
  readonly names: readonly string[];
}

/**
 * An argument that exists as a file counts as a file. kubectl's plugin also takes a bare name for a service.
 * @param given arguments of the command
 */
export async function namedIn(given: readonly string[], { program }: Streams): Promise<Named> {
  const paths: string[] = [];
  const names: string[] = [];
  for (const word of given) {
    const [, referred] = REFERENCE.exec(word) ?? [];
    const name = referred ?? (program === 'kubectl headcount' && NAME.test(word) ? word : null);
    if (name === null || (await exists(word))) paths.push(word);
    else names.push(name);
  }
  return { paths, names };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
