/** A file with other values in it: edited in place, and read again to see that it says what it should. */
import { equalJson, parseJson } from '../../lib/json.ts';
import { Refusal } from '../shared/refusal.ts';
import { readDocuments, type YamlDocument } from '../shared/yaml.ts';
import { EditProblem } from './changes.ts';
import { edits } from './edits.ts';
import { spliced } from './splice.ts';

/** The first round edits values; the next rounds replace the aliases that are still wrong, level by level. */
const MOST_ROUNDS = 10;

/**
 * @param file its name, for the error
 * @param wanted what each of its documents is to say, in their order; empty documents do not count
 * @param read the documents, where the text has been read already
 * @returns the text, changed only where it said something else
 * @throws Refusal where that can't be written without changing something else
 */
export function rewritten(
  text: string,
  file: string,
  wanted: readonly unknown[],
  read: readonly YamlDocument[] = documentsOf(text, file),
): string {
  let now = text;
  let documents = read;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (documents.every(({ value }, index) => equalJson(value, wanted[index]))) return now;
    const json = isJson(now);
    const splices = documents.flatMap((document, index) => {
      try {
        return edits(now, document.parsed, document.value, wanted[index], json);
      } catch (error) {
        if (!(error instanceof EditProblem)) throw error;
        throw refused(file, error.message);
      }
    });
    if (splices.length === 0) break;
    now = spliced(now, splices);
    documents = documentsOf(now, file);
  }
  throw refused(file, 'its anchors and merges share what would have to differ');
}

function documentsOf(text: string, file: string): readonly YamlDocument[] {
  const { documents, error } = readDocuments(text, file);
  if (error !== null) throw refused(file, `the result would not be readable (${error.text})`);
  return documents;
}

function isJson(text: string): boolean {
  return parseJson(text.replace(/^\uFEFF/, '')) !== undefined;
}

function refused(file: string, why: string): Refusal {
  return new Refusal(`${file}: can't be rewritten in place: ${why}; write the values out, without anchors`);
}
