/**
 * A file that can't be read: an error line in commands that need the file, a finding in commands that judge many files.
 */
import { HELM_HINT } from '../../rules/support/helm.ts';
import { Refusal } from './refusal.ts';
import type { Place, YamlError } from './yaml.ts';

/** The id under which formats list it. It is not a rule, so it can't be switched off. */
export const UNREADABLE = { id: 'unreadable-file', summary: 'Every file that is given can be read' } as const;

const START: Place = { line: 1, column: 1, endColumn: 1, source: '' };

/** Matches Helm templates. KServe's templates are in quotes, so they are valid YAML. */
const HELM = /\{\{-?\s*(?:\.|\$|if|else|end|with|range|include|template|define|toYaml|\/\*)/;
const CONFLICT = /^<{7}(?: |$)/m;

export class UnreadableFile extends Refusal {
  override readonly name = 'UnreadableFile';
  readonly file: string;
  readonly place: Place;
  /** What is wrong, without the file's name. */
  readonly problem: string;
  /** What to do about it; '' where the problem says it. */
  readonly fix: string;

  constructor(file: string, place: Place, problem: string, fix: string, line: string) {
    super(fix === '' ? line : `${line} (${fix})`);
    this.file = file;
    this.place = place;
    this.problem = problem;
    this.fix = fix;
  }
}

/** The bytes of a file can't be had, or are no text. */
export function unreadableBytes(file: string, why: string, fix = '', line = 1): UnreadableFile {
  const at = line === 1 ? file : `${file}:${line}`;
  return new UnreadableFile(
    file,
    { ...START, line },
    `this file can't be read: ${why}`,
    fix,
    `cannot read ${at}: ${why}`,
  );
}

/** The text of a file is no YAML. */
export function unreadableYaml(file: string, text: string, error: YamlError): UnreadableFile {
  const conflict = CONFLICT.exec(text);
  if (conflict !== null) return conflictIn(file, text.slice(0, conflict.index));
  const fix = HELM.test(text) ? HELM_FIX : '';
  return new UnreadableFile(file, error.place, `this is no valid YAML: ${error.message}`, fix, error.text);
}

/** The parser's own error is about a place after the conflict mark, so it is replaced. */
function conflictIn(file: string, before: string): UnreadableFile {
  const line = before.split('\n').length;
  const problem = 'a merge conflict is left in this file';
  return new UnreadableFile(file, { ...START, line }, problem, 'resolve it', `${file}:${line}:1: ${problem}`);
}

const HELM_FIX = `${HELM_HINT}; write a placeholder of KServe such as {{.Name}} in quotes`;
