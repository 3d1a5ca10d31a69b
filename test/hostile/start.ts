/** Starts the program as it is, in whatever surroundings, and puts what comes of it into the words of the list. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf } from './reviews.ts';
import type { EnvironmentRow } from './row.ts';
import { Wire, post } from './wire.ts';
import { PROGRAM } from '../support/program.ts';

/** For 100 at once, as one of the rows has it. */
const CONNECTIONS = 100;
/** Milliseconds in which it must be itself again after them. */
const RECOVERY = 2_000;

export interface Started {
  readonly answer: string;
  /** What it wrote to standard error. */
  readonly said: string;
}

export async function start(row: EnvironmentRow): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'headcount-'));
  for (const [name, content] of Object.entries(row.files ?? {}))
    writeFileSync(join(directory, name), content);
  const given = row.arguments ?? [];
  const ports = ['--port', '--ops-port'].flatMap((option) => (given.includes(option) ? [] : [option, '0']));
  const command = [process.execPath, PROGRAM, 'serve', ...given, ...ports];
  const [file = '', ...argv] = row.shell === undefined ? command : ['sh', '-c', row.shell, 'sh', ...command];
  const child = spawn(file, argv, {
    cwd: directory,
    env: { ...process.env, ...row.env },
    stdio: ['ignore', 'ignore', 'pipe'],
    // So that a shell and what it has started can be ended together.
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    return await new Promise<Started>((resolve, reject) => {
      child.once('close', (code) => resolve({ answer: `ends with ${code}`, said }));
      child.stderr.on('data', () => {
        const port = /headcount serving https:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port === undefined) return;
        child.stderr.removeAllListeners('data');
        answers(Number(port)).then((yes) => resolve({ answer: yes ? 'serves' : 'is silent', said }), reject);
      });
    });
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

/** Does it answer, even with many connections at once, and after them? */
async function answers(port: number): Promise<boolean> {
  const all = await Promise.allSettled(Array.from({ length: CONNECTIONS }, () => asked(port)));
  const some = all.some((result) => result.status === 'fulfilled' && result.value);
  return some && (await asksAgain(port));
}

/** The crowd has left on this side; one that still has descriptors at the server may cost the next its own. */
async function asksAgain(port: number): Promise<boolean> {
  for (const end = performance.now() + RECOVERY; performance.now() < end; await sleep(20)) {
    if (await asked(port).catch(() => false)) return true;
  }
  return false;
}

async function asked(port: number): Promise<boolean> {
  const wire = await Wire.connect(port);
  wire.send(post('/validate', bodyOf()));
  const reply = await wire.next();
  wire.destroy();
  return reply?.code === 200;
}
