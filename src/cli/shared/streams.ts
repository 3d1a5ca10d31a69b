/**
 * The parts of the process that a command may use: its streams and its environment. They are parameters, so that tests
 * can pass their own. Also which style the terminal supports.
 */
interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
}

/** The name by which the program was called. It uses this name in its messages. */
export type Program = 'headcount' | 'kubectl headcount';

export interface Streams {
  readonly program?: Program;
  readonly stdin: AsyncIterable<unknown>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How text is shown: with colours or without, with box characters or in ASCII. */
export interface Style {
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; without either a terminal has colours. */
export function styleOf({ stdout, env }: Streams): Style {
  const forced = env['FORCE_COLOR'];
  const colour =
    forced !== undefined && forced !== ''
      ? forced !== '0' && forced !== 'false'
      : !env['NO_COLOR'] && stdout.isTTY === true && env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return { colour, unicode: /utf-?8/i.test(locale) };
}
