/** The log: JSON lines with constant messages and named fields; never a whole object of a request. */
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that would carry a user's manifest or a private key, should a line ever be given one. */
const REDACTED = ['request', 'object', 'oldObject', 'patch', 'key', 'cert'];

/** @param level trace | debug | info | warn | error | fatal | silent */
export function makeLog(level: string, stream: DestinationStream): Logger {
  return pino({ level, base: null, redact: { paths: REDACTED, censor: '[left out]' } }, stream);
}
