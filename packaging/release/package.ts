/** The npm package, made in a folder of its own: the checkout's dist may be in use. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Metafile } from 'esbuild';
import { BUNDLE, bundle } from '../bundle.ts';
import { buildPage, PAGE } from '../page.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What npm packs whether it is listed or not. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/** The parts of package.json that are read here. */
export interface PackageJson {
  readonly version: string;
  readonly files: readonly string[];
}

export interface Package {
  /** The name of the file. */
  readonly archive: string;
  /** What went into which script, of the program and of the page. */
  readonly metafile: Pick<Metafile, 'outputs'>;
}

export function packageJson(): PackageJson {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson;
}

/** Writes into a folder what `npm pack` makes of this checkout. */
export async function pack(folder: string): Promise<Package> {
  const stage = mkdtempSync(join(tmpdir(), 'headcount-package-'));
  try {
    const [program, page] = [relative(ROOT, BUNDLE), relative(ROOT, PAGE)];
    const { version, files } = packageJson();
    for (const path of [...ALWAYS, ...files.filter((file) => file !== program && file !== page)])
      cpSync(join(ROOT, path), join(stage, path), { recursive: true });
    const { outputs } = await bundle(join(stage, program));
    const metafile = { outputs: { ...outputs, ...(await buildPage(join(stage, page))).outputs } };
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
      cwd: stage,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { archive: `headcount-${version}.tgz`, metafile };
  } finally {
    rmSync(stage, { recursive: true });
  }
}
