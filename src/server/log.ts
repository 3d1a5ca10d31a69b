/** The log: JSON lines with constant messages and named fields; never a whole object of a request. */
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that would carry a user's manifest or a private key, should a line ever be given one. */
const REDACTED = ['request', 'object', 'oldObject', 'patch', 'key', 'cert'];

/** @param level trace | debug | info | warn | error | fatal | silent */
export function makeLog(level: string, stream: DestinationStream): Logger {
  return pino({ level, base: null, redact: { paths: REDACTED, censor: '[left out]' } }, stream);
}

/**
 * Writes the lines of one turn of the event loop at once: under load, a system call for each line would cost
 * more than the decision itself.
 */
export function inBatches(stream: { write(text: string): unknown }): DestinationStream & { flush(): void } {
  let pending = '';
  function flush(): void {
    if (pending !== '') stream.write(pending);
    pending = '';
  }
  return {
    flush,
    write(line) {
      if (pending === '') setImmediate(flush);
      pending += line;
    },
  };
}

/** @returns where it happened; the message is left out, because it may quote the request */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return 'thrown: no Error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [error.name, ...frames].join('\n').slice(0, 4_096);
}
