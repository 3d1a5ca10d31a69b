/** CHANGELOG.md as data, for the notes of a release and for the chart's page on Artifact Hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const CHANGELOG = join(import.meta.dirname, '../../CHANGELOG.md');
const SECTION = /^## (.+)\n([^]*?)(?=^## |$(?![^]))/gm;

export interface Section {
  /** `Unreleased`, or a version and its day. */
  readonly title: string;
  /** Its Markdown, without the title. */
  readonly text: string;
}

export interface Change {
  /** In small letters, as `added`. */
  readonly kind: string;
  /** One line of Markdown. */
  readonly text: string;
}

/** @returns the sections of the changelog, the newest first */
export function sections(changelog: string = readFileSync(CHANGELOG, 'utf8')): readonly Section[] {
  return [...changelog.matchAll(SECTION)].map(([, title = '', text = '']) => ({ title, text: text.trim() }));
}

/**
 * @param version as in package.json
 * @throws when the changelog has no section for it, as in `## 1.2.3 - 2026-11-26`
 */
export function sectionOf(version: string, all: readonly Section[] = sections()): Section {
  const found = all.find(({ title }) => title.split(' ')[0] === version);
  if (found === undefined)
    throw new Error(
      `CHANGELOG.md has no section for ${version}: rename Unreleased to "${version} - YYYY-MM-DD"`,
    );
  return found;
}

/** @returns the entries of a section in their order */
export function changesOf({ text }: Section): readonly Change[] {
  return text.split(/^### /m).flatMap((part) => {
    const [kind = '', ...lines] = part.split('\n');
    const entries = lines.join('\n').split(/^- /m).slice(1);
    return entries.map((entry) => ({
      kind: kind.trim().toLowerCase(),
      text: entry.trim().replaceAll(/\s*\n\s*/g, ' '),
    }));
  });
}
