/**
 * dist/bundle: the whole program with its libraries in a few files, and the licences of these. It is what the image, the
 * npm package and the kubectl plugin have, without node_modules. Split as the commands are, so that `plan` reads neither
 * the server nor the Kubernetes client. Run: npm run bundle
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { notices, thirdParties } from './third-party.ts';

const ROOT = join(import.meta.dirname, '..');
/** Two directories below package.json and docs/, which are read from there, like src/cli. */
export const BUNDLE = join(ROOT, 'dist/bundle');

export const NOTICES = 'THIRD_PARTY_NOTICES.txt';

/** CommonJS libraries load Node's modules with `require`, which an ES module must create. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** @returns what went into which file, paths from the repository's root */
export async function bundle(outdir: string = BUNDLE): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts', 'src/kubectl-headcount.ts', 'src/kubectl-complete.ts'],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // Names of classes and functions stay: they are in stacks that the log shows.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(outdir, NOTICES), notices(thirdParties(metafile)));
  return metafile;
}

if (process.argv[1] === import.meta.filename) {
  const { outputs } = await bundle();
  const code = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  const bytes = code.reduce((sum, [, output]) => sum + output.bytes, 0);
  console.log(`${code.length} files, ${Math.round(bytes / 1024)} KiB in dist/bundle`);
}
