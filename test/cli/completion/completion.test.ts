/**
 * Completion in real shells, each on a terminal of its own: the test presses keys and reads which command is run.
 * The answers of completion are also compared with the commands' options.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { RULE_IDS } from '../../../src/rules/index.ts';
import { choicesOf, COMMANDS, file, headcount, optionsOf, ROOT, scratch } from '../../support/cli.ts';

/** Passes questions of completion to the program; any other command is only printed. */
const program = file(
  'bin/headcount',
  `#!/bin/sh
case $1 in
  __complete|completion) exec '${process.execPath}' '${join(ROOT, 'src/main.ts')}' "$@" ;;
esac
printf 'RAN'; printf '<%s>' "$@"; echo
`,
);
chmodSync(program, 0o755);
file('manifests/llama.yaml', '');
file(
  'zsh/.zshrc',
  'PS1=; autoload -Uz compinit; compinit -u -d $HOME/dump; source <(headcount completion zsh)\n',
);
file('bash/rc', 'PS1=; source <(headcount completion bash)\n');

const SHELLS = {
  bash: 'bash --noprofile --rcfile bash/rc -i',
  zsh: 'zsh -i',
} as const;

function isThere(tool: string): boolean {
  return spawnSync('which', [tool]).status === 0;
}

/** Keys on a terminal, one line after the other; @returns the commands that were run */
async function typed(shell: keyof typeof SHELLS, lines: readonly string[]): Promise<string[]> {
  const child = spawn('script', ['-qec', SHELLS[shell], '/dev/null'], {
    cwd: scratch,
    env: {
      PATH: `${join(scratch, 'bin')}:${process.env['PATH']}`,
      HOME: scratch,
      ZDOTDIR: join(scratch, 'zsh'),
      TERM: 'xterm',
      LANG: 'C.UTF-8',
    },
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const closed = once(child, 'close');
  const until = async (check: () => boolean): Promise<void> => {
    const end = Date.now() + 30_000;
    while (!check() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const ran = (): string[] => [...text.matchAll(/^RAN(<.*>)\r?$/gm)].map(([, line = '']) => line);
  // The line editor is there when it has answered once.
  child.stdin.write('headcount ready\r');
  await until(() => ran().length === 1);
  for (const [index, line] of lines.entries()) {
    child.stdin.write(`${line}\r`);
    await until(() => ran().length === index + 2);
  }
  child.stdin.write('exit\r');
  child.stdin.end();
  await closed;
  return ran().slice(1);
}

describe.each(Object.keys(SHELLS) as (keyof typeof SHELLS)[])('%s', (shell) => {
  const missing = ['script', shell].filter((tool) => !isThere(tool));
  if (missing.length > 0) console.info(`${shell} is not tried: ${missing.join(', ')} is not installed`);

  (missing.length > 0 ? test.skip : test)('the tab key', async () => {
    const ran = await typed(shell, [
      'headcount expl\tgpu-cap\t',
      'headcount lint --str\tmanif\tllam\t',
      'headcount lint -o sar\tx',
      'headcount plan --output=merm\tx',
      'headcount lint --model-c\tmanifests/ll\t',
      'headcount help compl\t',
    ]);
    expect(ran).toEqual([
      '<explain><gpu-capacity>',
      '<lint><--strict><manifests/llama.yaml>',
      '<lint><-o><sarif><x>',
      '<plan><--output=mermaid><x>',
      '<lint><--model-config><manifests/llama.yaml>',
      '<help><completion>',
    ]);
  });
});

const missingFish = isThere('fish') ? '' : 'fish is not tried: it is not installed';
if (missingFish !== '') console.info(missingFish);

/** fish prints its offers without a terminal. */
(missingFish === '' ? test : test.skip)('fish', () => {
  const offered = (line: string): string[] => {
    const { stdout } = spawnSync(
      'fish',
      ['--no-config', '-c', `headcount completion fish | source; complete -C '${line}'`],
      {
        cwd: scratch,
        encoding: 'utf8',
        env: { PATH: `${join(scratch, 'bin')}:${process.env['PATH']}`, HOME: scratch, LANG: 'C.UTF-8' },
      },
    );
    return stdout
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => row.split('\t')[0] ?? '');
  };
  expect(offered('headcount expl')).toEqual(['explain']);
  expect(offered('headcount explain gpu-cap')).toEqual(['gpu-capacity']);
  expect(offered('headcount lint --str')).toEqual(['--strict']);
  expect(offered('headcount lint -o sar')).toEqual(['sarif']);
  expect(offered('headcount plan --output=merm')).toEqual(['--output=mermaid']);
  expect(offered('headcount lint --model-config manifests/ll')).toEqual(['manifests/llama.yaml']);
});

async function answer(...words: readonly string[]): Promise<{ values: string[]; files: boolean }> {
  const { code, out, err } = await headcount(['__complete', ...words]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  return {
    values: lines.slice(0, -1).map((line) => line.split('\t')[0] ?? ''),
    files: lines.at(-1) === ':0',
  };
}

test('every command, and every option of each', async () => {
  const names = COMMANDS.map((command) => command.name());
  expect((await answer('')).values).toEqual(names);
  for (const name of names.filter((one) => one !== 'help')) {
    const options = Object.entries(optionsOf(name));
    expect((await answer(name, '--')).values).toEqual(options.map(([option]) => `--${option}`));
    for (const [option, { flags }] of options) {
      const [, value] = /<(.*)>/.exec(flags) ?? [];
      if (value === undefined) continue;
      const { values, files } = await answer(name, `--${option}`, '');
      if (value === 'RULE') expect(values).toEqual(RULE_IDS);
      else expect(values).toEqual(choicesOf(name, option));
      expect([option, files]).toEqual([option, /^(FILE|PATH|DIR|FILE\|isvc\/NAME)$/.test(value)]);
    }
  }
});

test('an option is offered once, a repeatable one again', async () => {
  const { values } = await answer('lint', '--strict', '-o', 'json', '--disable=canary', '--');
  expect(values).not.toContain('--strict');
  expect(values).toContain('--output');
  expect(values).toContain('--disable');
});

test('no offers for unknown words', async () => {
  for (const words of [
    ['plant', ''],
    ['audit', ''],
    ['plan', '--context', ''],
    // A cluster that can't be asked has no services to offer, and no error to show at a tab.
    ['plan', '--kubeconfig', 'nowhere', 'isvc/'],
    ['plan', '-o', 'none', 'isvc/'],
    ['lint', '--nonsense='],
  ]) {
    expect(await answer(...words)).toEqual({ values: [], files: false });
  }
  expect(await answer('plan', 'x')).toEqual({ values: [], files: true });
  expect(await answer('plan', '-o', 'svg=pl')).toEqual({ values: [], files: true });
});

test('a shell that has no completion script is refused', async () => {
  expect((await headcount(['completion', 'tcsh'])).err).toBe(
    "headcount completion: command-argument value 'tcsh' is invalid for argument 'SHELL'. Allowed choices are bash, zsh, fish. (see headcount completion --help)\n",
  );
  expect((await headcount(['completion'])).code).toBe(2);
});
