/**
 * The files of the image, made from the Dockerfile without a container engine: what its first stage runs is run in
 * a copy of the repository, what its last stage copies is copied. Two things stand in for what can't be had here:
 * this checkout's node_modules for `npm ci`, and this machine's C libraries for those of the base image.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { all, last, stagesOf, type Instruction } from './dockerfile.ts';

const ROOT = join(import.meta.dirname, '..');
/** Of the host: for the programs that lead inside. */
export const PATH = process.env['PATH'];
const INSTALL = /^npm ci /;

/** What a container's process sees, and how it is started. */
export interface Image {
  /** A directory that stands for /. */
  readonly root: string;
  readonly stage: readonly Instruction[];
}

/** @throws when a step of the Dockerfile fails, or is one that is not understood */
export function makeImage(): Image {
  const stages = stagesOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
  const [build, stage] = stages;
  if (stages.length !== 2 || build === undefined || stage === undefined)
    throw new Error('the Dockerfile has two stages');
  const buildRoot = mkdtempSync(join(tmpdir(), 'headcount-build-'));
  const root = mkdtempSync(join(tmpdir(), 'headcount-image-'));
  try {
    for (const directory of [buildRoot, root]) {
      chmodSync(directory, 0o755);
      copyNode(directory);
    }
    runBuild(build, buildRoot);
    copyFiles(stage, buildRoot, root);
  } finally {
    rmSync(buildRoot, { recursive: true });
  }
  return { root, stage };
}

/** Node at its place, and the shared libraries that it asks for at theirs. */
function copyNode(root: string): void {
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [path] of libraries.matchAll(/\/\S+/g)) copy(path, join(root, path));
  copy(process.execPath, join(root, 'usr/local/bin/node'));
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o777);
}

function runBuild(stage: readonly Instruction[], buildRoot: string): void {
  const app = join(buildRoot, last(stage, 'WORKDIR'));
  let user = '0:0';
  for (const { name, text } of stage) {
    if (name === 'USER') user = text;
    else if (name === 'COPY') copyRepository(app);
    else if (name === 'RUN' && INSTALL.test(text))
      symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
    else if (name === 'RUN') run(text.split(' '), { app, buildRoot, user });
    else if (!['FROM', 'WORKDIR'].includes(name))
      throw new Error(`${name} in the first stage: not understood`);
  }
}

/** As root in the copy itself, where the repository's tools are; as another user inside, where nothing else is. */
function run(command: readonly string[], at: { app: string; buildRoot: string; user: string }): void {
  const [program = '', ...args] = command;
  const [file, ...rest] =
    at.user === '0:0'
      ? [program === 'node' ? process.execPath : program, ...args]
      : inside(at.buildRoot, at.user, '/app', [
          program === 'node' ? '/usr/local/bin/node' : program,
          ...args,
        ]);
  execFileSync(file ?? '', rest, { cwd: at.app, stdio: ['ignore', 'inherit', 'inherit'], env: { PATH } });
}

/** What is committed, and what is about to be. */
function copyRepository(app: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const kept = listed.split('\0').filter((path) => path !== '' && path !== 'node_modules');
  for (const path of kept) copy(join(ROOT, path), join(app, path));
}

function copyFiles(stage: readonly Instruction[], buildRoot: string, root: string): void {
  const directory = last(stage, 'WORKDIR');
  mkdirSync(join(root, directory), { recursive: true });
  for (const text of all(stage, 'COPY')) {
    const [from, ...paths] = text.split(/\s+/);
    if (from !== '--from=build') throw new Error(`COPY ${text}: not understood`);
    const target = resolve(directory, paths.at(-1) ?? '');
    for (const path of paths.slice(0, -1)) {
      const into = (paths.at(-1) ?? '').endsWith('/') ? join(target, path.split('/').at(-1) ?? '') : target;
      copy(join(buildRoot, path), join(root, into));
    }
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true });
}

/**
 * @param user uid:gid
 * @returns the command line that runs a command with `root`, which it can only read where `readOnly`, as /: as that
 *   user, without groups, and without a way to more rights
 */
export function inside(
  root: string,
  user: string,
  directory: string,
  command: readonly string[],
  readOnly = false,
): readonly string[] {
  const [uid, gid] = user.split(':');
  const mount = readOnly ? 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ' : '';
  return [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `${mount}exec "$@"`,
    root,
    'setpriv',
    '--clear-groups',
    '--no-new-privs',
    'unshare',
    `--root=${root}`,
    `--wd=${directory}`,
    `--setuid=${uid}`,
    `--setgid=${gid}`,
    ...command,
  ];
}
