/**
 * Makes the files of the image from the Dockerfile, without a container engine: it runs the RUN instructions of the
 * first stage in a copy of the repository, and follows the COPY instructions of the last stage. This checkout's
 * node_modules stand in for `npm ci`, and this machine's C libraries for those of the base image.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Copy } from 'dockerfile-ast';
import { argumentsOf, readStages, type Stage } from './dockerfile.ts';
import { inside, PATH } from './inside.ts';

const ROOT = join(import.meta.dirname, '../..');
const NODE = '/usr/local/bin/node';
const INSTALL = /^npm ci /;
const AS_ROOT = '0:0';
/** Of the last stage: those that copy, and those that say how the container is started. */
const LAST_STAGE = ['FROM', 'LABEL', 'WORKDIR', 'COPY', 'ENV', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD'];

/** The files of a container, and the stage that says how its process is started. */
export interface Image {
  /** The directory that the process sees as /. */
  readonly root: string;
  readonly stage: Stage;
}

/** @throws when a step fails, or when the Dockerfile has an instruction that is not handled here */
export function makeImage(): Image {
  const [build, stage, ...more] = readStages();
  if (build === undefined || stage === undefined || more.length > 0)
    throw new Error('the Dockerfile does not have two stages');
  const buildRoot = mkdtempSync(join(tmpdir(), 'headcount-build-'));
  const root = mkdtempSync(join(tmpdir(), 'headcount-image-'));
  try {
    for (const directory of [buildRoot, root]) copyNode(directory);
    runStage(build, buildRoot);
    copyFromStage(stage, buildRoot, root);
  } finally {
    rmSync(buildRoot, { recursive: true });
  }
  return { root, stage };
}

/** Copies this Node to the path where its image has it, and the shared libraries that it loads. */
function copyNode(root: string): void {
  chmodSync(root, 0o755);
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [path] of libraries.matchAll(/\/\S+/g)) copy(path, join(root, path));
  copy(process.execPath, join(root, NODE));
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o777);
}

function runStage(stage: Stage, root: string): void {
  const app = argumentsOf(stage, 'WORKDIR');
  let user = AS_ROOT;
  for (const instruction of stage) {
    const text = instruction.getArgumentsContent() ?? '';
    switch (instruction.getKeyword()) {
      case 'FROM':
      case 'WORKDIR':
        break;
      case 'USER':
        user = text;
        break;
      case 'COPY':
        copyRepository(join(root, app));
        break;
      case 'RUN':
        if (INSTALL.test(text)) symlinkSync(join(ROOT, 'node_modules'), join(root, app, 'node_modules'));
        else run(text.split(' '), { root, app, user });
        break;
      default:
        throw new Error(`${instruction.getKeyword()} in the first stage is not handled`);
    }
  }
}

/** Root runs in the copy of the repository, which has this machine's tools; another user runs inside. */
function run(command: readonly string[], at: { root: string; app: string; user: string }): void {
  const isRoot = at.user === AS_ROOT;
  const node = isRoot ? process.execPath : NODE;
  const [program = '', ...args] = command.map((word, index) =>
    index === 0 && word === 'node' ? node : word,
  );
  const where = { root: at.root, user: at.user, directory: at.app, readOnly: false };
  const [file, rest] = isRoot ? [program, args] : inside(where, [program, ...args]);
  execFileSync(file, rest, {
    cwd: join(at.root, at.app),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH },
  });
}

/** Copies the files that are committed, and the new ones that Git does not ignore. */
function copyRepository(app: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const kept = listed.split('\0').filter((path) => path !== '' && path !== 'node_modules');
  for (const path of kept) copy(join(ROOT, path), join(app, path));
}

function copyFromStage(stage: Stage, buildRoot: string, root: string): void {
  const directory = argumentsOf(stage, 'WORKDIR');
  mkdirSync(join(root, directory), { recursive: true });
  for (const instruction of stage) {
    if (!LAST_STAGE.includes(instruction.getKeyword()))
      throw new Error(`${instruction.getKeyword()} in the last stage is not handled`);
    if (!(instruction instanceof Copy)) continue;
    const flags = instruction.getFlags().map(String);
    if (flags.join(' ') !== '--from=build') throw new Error(`${instruction.toString()} is not handled`);
    const paths = instruction.getArguments().map((argument) => argument.getValue());
    const to = paths.pop() ?? '';
    for (const path of paths) {
      const target = resolve(directory, to, to.endsWith('/') ? basename(path) : '');
      copy(join(buildRoot, path), join(root, target));
    }
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true });
}
