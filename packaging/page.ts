/**
 * dist/page: the planner and the page of an audit, for a browser. The planner is a directory that opens from disk:
 * index.html, its style sheet and two scripts, of which the second is the editor. The page of an audit is one file, into
 * which `audit -o html` writes its data. Run: npm run page
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { DARK, LIGHT, type Colours } from '../src/cli/plan/svg/theme.ts';
import type { Example } from '../src/page/core/examples.ts';
import { NOTICES } from './bundle.ts';
import { notices, thirdParties } from './third-party.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = join(ROOT, 'src/page');
/** Two directories below the root, from where src/cli/page-files.ts reads it. */
export const PAGE = join(ROOT, 'dist/page');

/** For the browsers of the last two years: classic scripts, since file:// refuses modules. */
const SCRIPT: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'iife',
  // Nothing of Node resolves here, so that an import on the way from the page to it fails the build.
  platform: 'browser',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
};

/** What the pictures have no colour for. */
const FURTHER: Readonly<Record<'light' | 'dark', Readonly<Record<string, string>>>> = {
  light: { rule: '#d0d7de', hover: '#eef1f4' },
  dark: { rule: '#30363d', hover: '#21262d' },
};

/** @returns what went into which script, paths from the repository's root */
export async function buildPage(outdir: string = PAGE): Promise<Pick<Metafile, 'outputs'>> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const define = { EXAMPLES: JSON.stringify(examples()), VERSION: JSON.stringify(version) };
  const built = await Promise.all([
    build({ ...SCRIPT, define, entryPoints: { page: 'src/page/main.tsx' }, outdir }),
    build({
      ...SCRIPT,
      entryPoints: { editor: 'src/page/editor/editor.ts' },
      globalName: 'headcountEditor',
      outdir,
    }),
  ]);
  writeFileSync(join(outdir, 'page.css'), `${colours()}${await styles('page')}`);
  cpSync(join(SOURCES, 'index.html'), join(outdir, 'index.html'));
  writeFileSync(join(outdir, 'audit.html'), await auditPage());
  // The page of an audit has nothing that the planner has not.
  const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile?.outputs)) as Metafile['outputs'];
  writeFileSync(join(outdir, NOTICES), notices(thirdParties({ outputs })));
  return { outputs };
}

/** One file, with its style sheet and its script in it. */
async function auditPage(): Promise<string> {
  const { outputFiles } = await build({
    ...SCRIPT,
    entryPoints: ['src/page/audit/main.tsx'],
    write: false,
    outdir: PAGE,
    legalComments: 'inline',
  });
  // A script ends at the first of these, wherever it stands.
  const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
  const hash = createHash('sha256').update(script).digest('base64');
  const style = `${colours()}${await styles('audit')}`;
  return readFileSync(join(SOURCES, 'audit/audit.html'), 'utf8')
    .replace('SCRIPT', hash)
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`);
}

/** @returns a style sheet of src/page/style with all that it imports */
async function styles(name: string): Promise<string> {
  const entryPoint = join(SOURCES, 'style', `${name}.css`);
  const { outputFiles } = await build({ ...SCRIPT, entryPoints: [entryPoint], write: false, outdir: PAGE });
  return outputFiles[0]?.text ?? '';
}

/** The palette of the pictures as custom properties. */
function colours(): string {
  const declared = (palette: Colours, further: Readonly<Record<string, string>>): string =>
    Object.entries({ ...palette, ...further })
      .map(([name, colour]) => `--${name}:${colour};`)
      .join('');
  return (
    `:root{color-scheme:light dark;${declared(LIGHT, FURTHER.light)}}` +
    `@media (prefers-color-scheme:dark){:root{${declared(DARK, FURTHER.dark)}}}\n`
  );
}

/** The demo's manifests, each with the catalogue of the demo. */
function examples(): readonly Example[] {
  const catalog = textsIn('demo/catalog')
    .map(({ text }) => text)
    .join('---\n');
  return textsIn('demo/manifests').map(({ id, text }) => ({
    id,
    title: titleOf(text),
    manifest: text,
    catalog,
  }));
}

function textsIn(folder: string): readonly { readonly id: string; readonly text: string }[] {
  return readdirSync(join(ROOT, folder))
    .toSorted()
    .map((file) => ({ id: basename(file, '.yaml'), text: readFileSync(join(ROOT, folder, file), 'utf8') }));
}

/** The comment on the first line. */
function titleOf(manifest: string): string {
  const [, title = ''] = /^# (.*?)\.?\n/.exec(manifest) ?? [];
  return title;
}

if (process.argv[1] === import.meta.filename) {
  await buildPage();
  for (const file of readdirSync(PAGE)) {
    const bytes = readFileSync(join(PAGE, file)).length;
    console.log(`dist/page/${file}: ${Math.round(bytes / 1024)} KiB`);
  }
}
