/** Runs the commands of a page in a real shell, and compares what they print with what the page shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, type Block } from './pages.ts';
import { PROGRAM } from '../support/program.ts';

/** What a reader who cloned the repository sees; what a command writes stays out of it. */
const SHOWN = ['CHANGELOG.md', 'README.md', 'certs', 'charts', 'demo', 'deploy', 'docs', 'package.json'];
/** Set to `write`, the pages get what the commands print. */
const WRITE = process.env['HEADCOUNT_DOCS'] === 'write';

export interface Step {
  readonly command: string;
  /** What the page shows; null where it shows nothing. */
  readonly shown: string | null;
}

/** @returns the commands of a block; a line that ends in a backslash goes on */
export function stepsOf({ language, text }: Block): readonly Step[] {
  if (language === 'sh') {
    const commands = text.trimEnd().split(/(?<!\\)\n/);
    return commands.map((command) => ({ command, shown: null }));
  }
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command = '', shown = ''] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(part) ?? [];
      return { command, shown };
    });
}

export interface Printed {
  readonly code: number;
  readonly text: string;
}

/** A directory as a reader would have it, with `headcount` on the PATH. */
export class Shell {
  readonly #directory = mkdtempSync(join(tmpdir(), 'headcount-docs-'));
  readonly #env: Readonly<Record<string, string>>;

  /** @param path further directories of programs */
  constructor(path: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const bin = join(this.#directory, '.bin');
    mkdirSync(bin);
    const program = join(bin, 'headcount');
    writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
    chmodSync(program, 0o755);
    for (const name of SHOWN) symlinkSync(join(ROOT, name), join(this.#directory, name));
    this.#env = {
      PATH: [bin, ...path, process.env['PATH'] ?? ''].join(':'),
      HOME: this.#directory,
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      ...env,
    };
  }

  /** Standard output and error in the order in which they come, as a terminal shows them. */
  async run(command: string): Promise<Printed> {
    // A reader runs headcount by npm in a clone; npm itself would only cost a second for each.
    const line = command.replaceAll('npm run --silent headcount --', 'headcount');
    const child = spawn('bash', ['-c', `exec 2>&1\n${line}`], { cwd: this.#directory, env: this.#env });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, text };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/**
 * @param shown a line of three dots stands for any lines, `<...>` in a line for any text
 * @returns whether it is what was printed
 */
export function isShown(shown: string, printed: string): boolean {
  const pattern = shown
    .trimEnd()
    .split('\n')
    .map((line) =>
      line === '...'
        ? '(?:.*\\n)*?.*'
        : line
            .split(/<\.\.\.>/)
            .map((part) => RegExp.escape(part.trimEnd() === part ? part : part))
            .join('.*'),
    )
    .join('\\n');
  return new RegExp(`^${pattern}$`).test(withoutTrailing(printed).trimEnd());
}

/** Pages have no blanks at the end of a line. */
function withoutTrailing(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '');
}

/** Puts what was printed into the page, when that was asked for. @returns whether it was */
export function writeInto(page: string, { command, shown }: Step, printed: string): boolean {
  if (!WRITE || shown === null) return false;
  const path = join(ROOT, page);
  const text = readFileSync(path, 'utf8');
  const old = `$ ${command}\n${shown}`;
  if (!text.includes(old)) throw new Error(`${page} has no such block: ${command}`);
  writeFileSync(
    path,
    text.replace(old, () => `$ ${command}\n${withoutTrailing(printed)}`),
  );
  return true;
}
