/**
 * How the list of bad inputs is written: a row is a sentence and what comes of it, in the words of observe.ts. The
 * list is documentation as well: docs/hostile-input.md is printed from it.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Loose } from '../rules/cases.ts';

interface Row {
  /** The input, in a few words. */
  readonly what: string;
  /**
   * What the server makes of it: `allowed`, `allowed, patched`, `allowed, warned (rule)`, `denied 422 (rule, rule)`,
   * `denied 400`, `HTTP 404`, `closed`. Several answers on one connection are joined with " + ".
   */
  readonly answer: string;
}

/** Bytes on a TLS connection; a number is a pause in milliseconds. */
export interface HttpRow extends Row {
  readonly send: string | Buffer | readonly (string | Buffer | number)[];
}

/** A connection: `TLSv1.3 http/1.1`, `TLSv1.2 -` (no protocol agreed on), `refused`, or `closed` in time. */
export interface TlsRow extends Row {
  readonly connect: ConnectionOptions | { readonly tcp: Buffer };
}

/** The body of a POST /validate. */
export interface EnvelopeRow extends Row {
  readonly body: string | Buffer;
}

/** One change to a service, or to a runtime, that is fine; create, and POST /mutate, unless it says otherwise. */
export interface ObjectRow extends Row {
  readonly change: (object: Loose) => unknown;
  readonly kind?: 'runtime';
  /** The stored object of an update, from the one that is fine. */
  readonly stored?: (object: Loose) => unknown;
  readonly phase?: 'validate';
}

/** What the process meets: `serves`, or `ends with 2` and one line that says why. */
export interface EnvironmentRow extends Row {
  /** Files of the working directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** After `serve`; a port of 0 is added for each that is missing. */
  readonly arguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In a shell, instead of the program: "$@" stands for it. */
  readonly shell?: string;
  readonly says?: RegExp;
}
