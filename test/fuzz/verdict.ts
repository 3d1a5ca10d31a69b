/** Is an answer right? Judged from the bytes that were sent, without anything of ours. */
import { problemsWith } from '../hostile/answer.ts';
import type { Reply } from '../hostile/wire.ts';
import type { Loose } from '../rules/cases.ts';
import type { Case } from './case.ts';

/** What is longer is no uid, and counts as none. */
const LONGEST_UID = 1_024;
/** Load is shed before a body is read. */
const SHED = 429;
/** A review as an API server begins it: whatever comes behind it, its uid can be read. */
const BEGINNING = /^\{"apiVersion":"[^"\\]*","kind":"[^"\\]*","request":\{"uid":"([0-9a-f-]{36})"/;

/** @returns what is wrong, one line each; null for an answer that says "later" */
export function verdictOn({ phase, body }: Case, reply: Reply | null): readonly string[] | null {
  if (reply === null) return ['the connection was closed without an answer'];
  if (reply.code === SHED && reply.headers['retry-after'] === '1') return null;
  const text = body.toString();
  const review = parsed(text);
  const uid = review?.request?.uid;
  const readable = typeof uid === 'string' && uid !== '' && uid.length <= LONGEST_UID;
  if (reply.code !== 200) {
    if (reply.code >= 500 || reply.code < 400) return [`HTTP ${reply.code}`];
    const found = readable || BEGINNING.test(text);
    return found ? [`HTTP ${reply.code} though the uid can be read`] : [];
  }
  const answered: Loose = parsed(reply.body);
  const given = answered?.response?.uid;
  const problems = problemsWith(reply.body, { uid: given, phase, object: review?.request?.object });
  // Of two uids, or in what is no JSON, either may be meant; then it is refused, and must stand there.
  const code = answered?.response?.status?.code;
  if (given !== uid && !(isRefusal(code) && standsIn(text, given)))
    return [...problems, `uid ${given}, sent ${uid}`];
  return problems;
}

function isRefusal(code: unknown): boolean {
  return code === 400 || code === 413;
}

/** In quotes, with escapes or without. */
function standsIn(text: string, uid: unknown): boolean {
  return text
    .matchAll(/"(?:[^"\\]|\\.)*"/gs)
    .some(([string]) => string.slice(1, -1) === uid || parsed(string) === uid);
}

function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
