/** The image's files, and the commands that run to their end. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTICES } from '../bundle.ts';
import { MANIFEST, run, type Line } from './container.ts';
import { wordsOf } from './dockerfile.ts';
import type { Image } from './files.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Node then prints each file that it loads, and whether its compiled code came from the cache. */
const TRACE = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };

/** @returns whether the image holds the program alone */
export function* checkFiles({ root }: Image): Iterable<Line> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const unwanted = files.filter((path) => /(^|\/)(node_modules|sh|bash|npm|test|src)$/.test(path));
  yield ['no node_modules, shell, npm, sources or tests', unwanted.length === 0, unwanted.join(' ')];
  yield ['the licences of what is bundled', files.includes(`app/dist/bundle/${NOTICES}`)];
  const page = ['index.html', 'page.css', 'page.js', 'editor.js', 'audit.html'];
  const absent = page.filter((name) => !files.includes(`app/dist/page/${name}`));
  yield ['the page is in it', absent.length === 0, absent.join(' ')];
}

/** @returns whether each command does in the image what it does elsewhere */
export function* checkCommands(image: Image): Iterable<Line> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  yield ['version', run(image, ['version']).stdout === `headcount ${version}\n`];
  yield ['CMD shows the help', run(image, wordsOf(image.stage, 'CMD')).status === 0];
  const page = run(image, ['explain', 'gpu-capacity']).stdout;
  yield ['explain finds its pages', page.startsWith('# gpu-capacity')];
  const lint = run(image, ['lint', '-'], { input: MANIFEST });
  yield ['lint refuses what it should', lint.status === 1 && lint.stdout.includes('deny gpu-capacity')];
  const traced = run(image, ['lint', '-'], { input: MANIFEST, env: TRACE });
  const used = `${traced.stdout}${traced.stderr}`.match(/code cache for .* was accepted/g)?.length ?? 0;
  yield ['the compile cache is used', used > 0, `${used} files`];
}

/** @returns whether `plan` loads no file of the bundle with a library of the server; a text shows which file has it */
export function* checkLoaded(image: Image): Iterable<Line> {
  const { stderr, stdout } = run(image, ['plan', '-'], { input: MANIFEST, env: TRACE });
  const loaded = new Set(`${stderr}${stdout}`.match(/(?<=file:\/\/)\/app\/dist\/bundle\/[\w-]+\.js/g));
  const bundle = readdirSync(join(image.root, 'app/dist/bundle')).filter((name) => name.endsWith('.js'));
  for (const [library, mark] of [
    ['fastify', 'FST_ERR_'],
    ['the Kubernetes client', 'KUBERNETES_SERVICE_HOST'],
  ] as const) {
    const holders = bundle
      .map((name) => `/app/dist/bundle/${name}`)
      .filter((path) => readFileSync(join(image.root, path), 'utf8').includes(mark));
    const none = holders.length > 0 && !holders.some((path) => loaded.has(path));
    yield [`plan does not load ${library}`, loaded.size > 3 && none, `${loaded.size} files loaded`];
  }
}
