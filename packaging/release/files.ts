/**
 * Makes the files of a release in dist/release: the npm package, which is krew's archive too, krew's manifest, the bill of
 * materials, the notes, and the chart's folder for `helm package`.
 *
 * Run: npm run release:files -- v0.1.0; without a tag it is a rehearsal, with the newest section of the changelog.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeChart } from './chart.ts';
import { sectionOf, sections, type Section } from './changelog.ts';
import { krewManifest } from './krew.ts';
import { pack, packageJson } from './package.ts';
import { sbom } from './sbom.ts';

const RELEASE = join(import.meta.dirname, '../../dist/release');
const DOWNLOADS = 'https://github.com/headcount-dev/headcount/releases/download';

/**
 * @param tag as in v0.1.0; null for a rehearsal
 * @param version of package.json
 * @throws when the tag is not that of the version, or the changelog has nothing about it
 */
export function releasedSection(
  tag: string | null,
  version: string,
  all: readonly Section[] = sections(),
): Section {
  if (tag !== null && tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, and the version of package.json is ${version}`);
  const [newest] = all;
  return tag === null && newest !== undefined ? newest : sectionOf(version, all);
}

/**
 * @param tag as in v0.1.0; null for a rehearsal
 * @param folder is made anew
 */
export async function makeFiles(tag: string | null, folder: string): Promise<void> {
  const { version } = packageJson();
  const section = releasedSection(tag, version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { archive, metafile } = await pack(folder);
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, archive)))
    .digest('hex');
  const manifest = krewManifest(version, `${DOWNLOADS}/v${version}/${archive}`, sha256);
  writeFileSync(join(folder, 'headcount.yaml'), manifest);
  writeFileSync(join(folder, 'headcount.cdx.json'), sbom(metafile));
  writeFileSync(join(folder, 'notes.md'), `${section.text}\n`);
  writeChart(join(folder, 'chart/headcount'), section);
}

if (process.argv[1] === import.meta.filename) await makeFiles(process.argv[2] ?? null, RELEASE);
