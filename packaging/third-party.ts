/** The packages of other people in the bundle, with the texts of their licences, which ask to be shipped beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** The last package of a path: a package may have others of its own. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENCE = /^(?:(?:un)?licen[cs]e|copying|notice)(?:[.-].*)?$/i;
/** Packages whose only word about their licence is in their Readme. */
const IN_README = ['abstract-logging'];

export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  readonly texts: readonly string[];
}

/**
 * @param metafile what esbuild has put into the bundle
 * @returns the packages of which any code is in it, by their names
 * @throws when one has no licence text: it may not be shipped like that
 */
export function thirdParties({ outputs }: Pick<Metafile, 'outputs'>): readonly ThirdParty[] {
  const paths = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = new Set(paths.flatMap((path) => PACKAGE.exec(path) ?? []));
  return [...folders].map(readPackage).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function readPackage(folder: string): ThirdParty {
  const path = join(ROOT, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const texts = readdirSync(path)
    .filter((file) => (IN_README.includes(name) ? /^readme/i : LICENCE).test(file))
    .map((file) => readFileSync(join(path, file), 'utf8').trim());
  if (license === undefined || texts.length === 0)
    throw new Error(`${name} ${version} would be in the bundle, and has no licence text to ship beside it`);
  return { name, version, license, texts };
}

/** @returns the text of THIRD_PARTY_NOTICES.txt */
export function notices(packages: readonly ThirdParty[]): string {
  const head = 'headcount contains the following packages, each under its own licence.\n';
  const parts = packages.map(({ name, version, license, texts }) => {
    const title = `${name} ${version} (${license})`;
    return `${title}\n${'-'.repeat(title.length)}\n\n${texts.join('\n\n')}\n`;
  });
  return [head, ...parts].join('\n\n');
}
