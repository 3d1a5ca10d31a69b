/**
 * A small reader of shell scripts: which words make which command, and which commands surely run. It knows quotes,
 * comments, substitutions, redirections, here-documents and the words that open and close a branch or a loop; it expands
 * nothing. Each character is looked at once or twice, however the script is made (POSIX, Shell Command Language).
 */
import { isStep } from './steps.ts';

export interface ShellCommand {
  /** Without quotes and redirections; a substitution is a `$` alone. */
  readonly words: readonly string[];
  /**
   * Does it run in every pod that the script makes serve? Not within a branch, a loop, a group or a function, nor after
   * `||`, a question and `&&`, `exec` or `exit`.
   */
  readonly sure: boolean;
  /** Does the script go on before it ends? */
  readonly inBackground: boolean;
}

/** The tokens: plain text, operators, blanks, here-documents and redirections. */
const PLAIN = /[^\s;|&()<>'"\\$#`]+/y;
const OPERATOR = /&&|\|\||;;|[;|&()\n]/y;
const BLANK = /[^\S\n]+/y;
const HERE = /<<-?\s*['"\\]?([A-Za-z_]\w*)['"]?/y;
const REDIRECTION = /&>>?|[<>]&|>[>|]?|<>?/y;
const DESCRIPTOR = /^\d+$/;

const OPENING = new Set(['if', 'while', 'until', 'for', 'case', 'select', 'function', '{']);
/** Keywords that are not followed by a command. */
const WITH_WORDS = new Set(['for', 'case', 'select', 'function']);
const GOING_ON = new Set(['then', 'do', 'else', 'elif', '!', 'time']);
const CLOSING = new Set(['fi', 'done', 'esac', '}']);
/** Behind these a command goes on in the next line. */
const JOINING = new Set(['&&', '||', '|']);

/** @returns the commands of a script, in their order */
export function readScript(script: string): readonly ShellCommand[] {
  return new Reader(script).commands();
}

class Reader {
  readonly #text: string;
  readonly #commands: ShellCommand[] = [];
  #at = 0;
  #words: string[] = [];
  /** The word being read; null between words. */
  #word: string | null = null;
  /** Is the next word the file of a redirection? */
  #isFile = false;
  /** Delimiters of here-documents that begin at the next line. */
  #here: string[] = [];
  #depth = 0;
  #parentheses = 0;
  /** Can an earlier command of the same list keep the current one from running? */
  #conditional = false;
  /** Was the last operator one of JOINING? */
  #joined = false;
  /** Has the script surely ended? */
  #ended = false;

  constructor(text: string) {
    this.#text = text;
  }

  commands(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand('\n');
    return this.#commands;
  }

  #step(): void {
    const plain = this.#match(PLAIN);
    if (plain !== null) return this.#append(plain[0]);
    if (this.#match(BLANK) !== null) return this.#endWord();
    const here = this.#match(HERE);
    if (here !== null) {
      this.#here.push(here[1] ?? '');
      return this.#endWord();
    }
    if (this.#match(REDIRECTION) !== null) return this.#redirect();
    const operator = this.#match(OPERATOR);
    if (operator !== null) return this.#endCommand(operator[0]);
    this.#special(this.#text[this.#at] ?? '');
  }

  #special(character: string): void {
    const { length } = this.#text;
    switch (character) {
      case '\\':
        if (this.#text[this.#at + 1] !== '\n') this.#append(this.#text[this.#at + 1] ?? '');
        this.#at += 2;
        return;
      case "'":
      case '`': {
        const end = this.#indexOf(character, this.#at + 1);
        this.#append(character === "'" ? this.#text.slice(this.#at + 1, end) : '$');
        this.#at = end + 1;
        return;
      }
      case '"': {
        const end = this.#closing('"');
        this.#append(
          this.#text
            .slice(this.#at + 1, end)
            .replaceAll(/\\(["\\$`])/g, '$1')
            .replaceAll('\\\n', ''),
        );
        this.#at = end + 1;
        return;
      }
      case '$':
        this.#append('$');
        this.#at = this.#text[this.#at + 1] === '(' ? this.#closing('$') + 1 : this.#at + 1;
        return;
      default:
        if (this.#word === null) this.#at = Math.min(length, this.#indexOf('\n', this.#at));
        else {
          this.#append('#');
          this.#at += 1;
        }
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #indexOf(character: string, from: number): number {
    const found = this.#text.indexOf(character, from);
    return found === -1 ? this.#text.length : found;
  }

  /** @returns the end of the double quote or `$(` that opens here, including everything nested in it */
  #closing(opening: '"' | '$'): number {
    const open = [opening === '"' ? '"' : ')'];
    let at = this.#at + (opening === '"' ? 1 : 2);
    for (; at < this.#text.length; at++) {
      const character = this.#text[at];
      const quoted = open.at(-1) === '"';
      if (character === '\\') at += 1;
      else if (character === open.at(-1)) {
        open.pop();
        if (open.length === 0) return at;
      } else if (quoted) {
        if (character === '$' && this.#text[at + 1] === '(') {
          open.push(')');
          at += 1;
        }
      } else if (character === '(') open.push(')');
      else if (character === '"') open.push('"');
      else if (character === "'") at = this.#indexOf("'", at + 1);
    }
    return this.#text.length;
  }

  #append(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word === null) return;
    if (!this.#isFile) this.#words.push(this.#word);
    this.#word = null;
    this.#isFile = false;
  }

  #redirect(): void {
    if (DESCRIPTOR.test(this.#word ?? '')) this.#word = null;
    this.#endWord();
    this.#isFile = true;
  }

  #endCommand(operator: string): void {
    this.#endWord();
    this.#isFile = false;
    const command = this.#words;
    this.#words = [];
    const words = this.#withoutKeywords(command);
    const sure = this.#depth === 0 && this.#parentheses === 0 && !this.#conditional && !this.#ended;
    const inBackground = operator === '&';
    if (words.length > 0) this.#commands.push({ words, sure, inBackground });
    if (sure && !inBackground && operator !== '|') this.#ended = endsScript(words);
    if (operator === '(') this.#parentheses += 1;
    if (operator === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    if (!(operator === '\n' && this.#joined && command.length === 0)) this.#join(operator, words);
    if (operator === '\n') this.#skipHere();
  }

  #join(operator: string, words: readonly string[]): void {
    this.#joined = JOINING.has(operator);
    if (operator === '||') this.#conditional = true;
    else if (operator === '&&') this.#conditional ||= !isStep(words);
    else if (!['|', '(', ')'].includes(operator)) this.#conditional = false;
  }

  /** Keeps count of branches and loops. */
  #withoutKeywords(words: readonly string[]): readonly string[] {
    let first = 0;
    for (; first < words.length; first++) {
      const word = words[first] ?? '';
      if (OPENING.has(word)) this.#depth += 1;
      else if (CLOSING.has(word)) this.#depth = Math.max(0, this.#depth - 1);
      else if (!GOING_ON.has(word)) break;
      if (WITH_WORDS.has(word)) return [];
    }
    return words.slice(first);
  }

  /** The lines up to the delimiter are the input of a command, and no commands. */
  #skipHere(): void {
    for (const delimiter of this.#here) {
      while (this.#at < this.#text.length) {
        const end = this.#indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, end).trim();
        this.#at = Math.min(this.#text.length, end + 1);
        if (line === delimiter) break;
      }
    }
    this.#here = [];
  }
}

/** `exec` replaces the shell, but without a program it only redirects. */
function endsScript(words: readonly string[]): boolean {
  return words[0] === 'exit' || (words[0] === 'exec' && words.length > 1);
}
