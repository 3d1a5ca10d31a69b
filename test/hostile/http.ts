/** HTTP as no client library would send it. */
import { gzipSync } from 'node:zlib';
import { bodyAround, bodyOf, UID } from './reviews.ts';
import type { HttpRow } from './row.ts';
import { post } from './wire.ts';

const REVIEW = bodyOf();
const LENGTH = Buffer.byteLength(REVIEW);
const MIB = 1024 * 1024;

/** A request in all its bytes. */
const raw = (start: string, headers: readonly string[], body = ''): string =>
  `${[start, 'host: headcount', ...headers].join('\r\n')}\r\n\r\n${body}`;
const validate = (headers: readonly string[], body = REVIEW): string =>
  raw('POST /validate HTTP/1.1', headers, body);
const sized = (...headers: readonly string[]): string => validate([`content-length: ${LENGTH}`, ...headers]);
const chunked = (body: string, ...headers: readonly string[]): string =>
  validate(['transfer-encoding: chunked', ...headers], body);
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const at = (target: string): Buffer => post(target, REVIEW);
/** A review that is this long. */
const withText = (text: string): string =>
  bodyAround(
    `{"apiVersion":"serving.kserve.io/v1beta1","kind":"InferenceService","spec":{"predictor":{"x":"${text}"}}}`,
  );
const ofLength = (bytes: number): string => withText('x'.repeat(bytes - withText('').length));

export const HTTP: readonly HttpRow[] = [
  // Methods and targets
  { what: 'GET /validate', send: raw('GET /validate HTTP/1.1', []), answer: 'HTTP 404' },
  {
    what: 'PUT /validate with a review',
    send: raw('PUT /validate HTTP/1.1', [`content-length: ${LENGTH}`], REVIEW),
    answer: 'HTTP 404',
  },
  { what: 'TRACE /validate', send: raw('TRACE /validate HTTP/1.1', []), answer: 'HTTP 404' },
  { what: 'OPTIONS *', send: raw('OPTIONS * HTTP/1.1', []), answer: 'HTTP 404' },
  { what: 'CONNECT to another host', send: raw('CONNECT other:443 HTTP/1.1', []), answer: 'closed' },
  { what: 'a method that does not exist', send: raw('FOO /validate HTTP/1.1', []), answer: 'HTTP 400' },
  { what: 'POST / with a review', send: at('/'), answer: 'HTTP 404' },
  { what: 'POST /validate/ (slash at the end)', send: at('/validate/'), answer: 'HTTP 404' },
  { what: 'POST //validate', send: at('//validate'), answer: 'HTTP 404' },
  { what: 'POST /VALIDATE', send: at('/VALIDATE'), answer: 'HTTP 404' },
  { what: 'POST /x/../validate', send: at('/x/../validate'), answer: 'HTTP 404' },
  { what: 'POST /validate;x=1', send: at('/validate;x=1'), answer: 'HTTP 404' },
  { what: 'POST /%76alidate (an escaped letter)', send: at('/%76alidate'), answer: 'allowed' },
  { what: 'POST /%zz<script> (a broken escape)', send: at('/%zz<script>'), answer: 'HTTP 400' },
  { what: 'an absolute target', send: at('https://elsewhere/validate'), answer: 'allowed' },
  { what: 'POST /metrics on the webhook port', send: at('/metrics'), answer: 'HTTP 404' },
  { what: 'GET /healthz on the webhook port', send: raw('GET /healthz HTTP/1.1', []), answer: 'HTTP 404' },
  { what: 'a target of 20 KB', send: at(`/validate?${'x'.repeat(20_000)}`), answer: 'HTTP 431' },
  { what: '?timeout twice', send: at('/validate?timeout=1s&timeout=9s'), answer: 'allowed' },
  { what: '?timeout=0s', send: at('/validate?timeout=0s'), answer: 'allowed' },
  { what: '?timeout=-5s', send: at('/validate?timeout=-5s'), answer: 'allowed' },
  { what: '?timeout=%zz', send: at('/validate?timeout=%zz'), answer: 'allowed' },
  { what: '?__proto__[timeout]=1s', send: at('/validate?__proto__[timeout]=1s'), answer: 'allowed' },

  // Start line and headers
  {
    what: 'HTTP/1.0',
    send: raw('POST /validate HTTP/1.0', [`content-length: ${LENGTH}`], REVIEW),
    answer: 'allowed',
  },
  { what: 'HTTP/1.2', send: raw('POST /validate HTTP/1.2', []), answer: 'HTTP 400' },
  { what: 'the preface of HTTP/2', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answer: 'HTTP 400' },
  { what: 'two hundred random bytes', send: Buffer.alloc(200, 'a\u0000\u00ff\n'), answer: 'HTTP 400' },
  { what: 'empty lines before the request', send: `\r\n\r\n${sized()}`, answer: 'allowed' },
  { what: 'no Host', send: 'POST /validate HTTP/1.1\r\ncontent-length: 0\r\n\r\n', answer: 'HTTP 400' },
  { what: 'lines that end with LF alone', send: sized().replaceAll('\r\n', '\n'), answer: 'HTTP 400' },
  { what: 'a header of 20 KB', send: sized(`x: ${'a'.repeat(20_000)}`), answer: 'HTTP 431' },
  {
    what: '5,000 headers',
    send: sized(...Array.from({ length: 5_000 }, () => 'a:')),
    answer: 'HTTP 431',
  },
  { what: 'a header with a NUL', send: sized('x: a\u0000b'), answer: 'HTTP 400' },
  { what: 'a folded header', send: sized('x: a\r\n b'), answer: 'HTTP 400' },
  { what: 'a space before the colon of a header', send: sized('x : a'), answer: 'HTTP 400' },
  { what: 'Expect: 100-continue', send: sized('expect: 100-continue'), answer: 'allowed' },
  { what: 'Expect: something else', send: sized('expect: x'), answer: 'HTTP 417' },
  { what: 'Upgrade: h2c', send: sized('connection: upgrade', 'upgrade: h2c'), answer: 'allowed' },
  {
    what: 'X-HTTP-Method-Override: DELETE',
    send: sized('x-http-method-override: DELETE'),
    answer: 'allowed',
  },
  { what: 'Accept-Encoding: gzip', send: sized('accept-encoding: gzip'), answer: 'allowed' },

  // Content types
  { what: 'a review as text/plain', send: sized('content-type: text/plain'), answer: 'allowed' },
  { what: 'a review without a content type', send: sized(), answer: 'allowed' },
  { what: 'a review with the content type ///;;', send: sized('content-type: ///;;'), answer: 'allowed' },
  {
    what: 'a form without a uid',
    send: validate(['content-type: application/x-www-form-urlencoded', 'content-length: 3'], 'a=b'),
    answer: 'HTTP 415',
  },
  {
    what: 'a review in gzip',
    send: post('/validate', gzipSync(REVIEW), ['content-encoding: gzip']),
    answer: 'HTTP 400',
  },

  // Lengths
  { what: 'no body', send: validate([], ''), answer: 'HTTP 400' },
  { what: 'Content-Length: -5', send: validate(['content-length: -5']), answer: 'HTTP 400' },
  { what: 'Content-Length: 0x10', send: validate(['content-length: 0x10']), answer: 'HTTP 400' },
  {
    what: 'Content-Length of 30 digits',
    send: validate([`content-length: ${'9'.repeat(30)}`]),
    answer: 'HTTP 400',
  },
  {
    what: 'two different Content-Lengths',
    send: validate(['content-length: 5', `content-length: ${LENGTH}`]),
    answer: 'HTTP 400',
  },
  {
    what: 'Content-Length and Transfer-Encoding (request smuggling)',
    send: validate(['content-length: 5', 'transfer-encoding: chunked'], chunk(REVIEW)),
    answer: 'HTTP 400',
  },
  {
    what: 'a Content-Length below that of the review: the rest is no request',
    send: validate(['content-length: 10']),
    answer: 'HTTP 400',
  },
  {
    what: 'a Content-Length above that of the review',
    send: validate([`content-length: ${LENGTH + 1}`]),
    answer: 'HTTP 408',
  },
  { what: 'a body of exactly 7 MiB', send: post('/validate', ofLength(7 * MIB)), answer: 'allowed' },
  { what: 'one byte more', send: post('/validate', ofLength(7 * MIB + 1)), answer: 'denied 413' },
  { what: 'a body of 30 MiB', send: post('/validate', ofLength(30 * MIB)), answer: 'denied 413' },
  {
    what: '8 MiB without a uid',
    send: post('/validate', 'x'.repeat(8 * MIB)),
    answer: 'HTTP 413',
  },

  // Chunks
  { what: 'a review in chunks', send: chunked(`${chunk(REVIEW)}0\r\n\r\n`), answer: 'allowed' },
  {
    what: 'a review in chunks of one byte',
    send: chunked(`${REVIEW.split('').map(chunk).join('')}0\r\n\r\n`),
    answer: 'allowed',
  },
  { what: 'a chunk whose size is no number', send: chunked('zz\r\n'), answer: 'HTTP 400' },
  { what: 'a chunk size past 64 bits', send: chunked(`${'f'.repeat(17)}\r\n`), answer: 'HTTP 400' },
  {
    what: 'a chunk extension of 30 KB',
    send: chunked(`1;${'x'.repeat(30_000)}\r\n{\r\n`),
    answer: 'HTTP 400',
  },
  {
    what: 'trailers of 20 KB',
    send: chunked(`${chunk(REVIEW)}0\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`),
    answer: 'HTTP 431',
  },
  { what: 'chunks without an end', send: chunked(chunk(REVIEW)), answer: 'HTTP 408' },
  {
    what: 'Transfer-Encoding: gzip, chunked',
    send: validate(['transfer-encoding: gzip, chunked'], `${chunk('x')}0\r\n\r\n`),
    answer: 'HTTP 400',
  },
  {
    what: 'Transfer-Encoding: xchunked',
    send: validate(['transfer-encoding: xchunked']),
    answer: 'HTTP 400',
  },

  // Connections
  { what: 'headers that never end', send: 'POST /validate HTTP/1.1\r\nhost: x\r\n', answer: 'HTTP 408' },
  {
    what: 'headers that come a byte every half second',
    send: ['POST /', ...'validate HTTP'.split('').flatMap((letter) => [500, letter])],
    answer: 'HTTP 408',
  },
  {
    what: 'a body that comes a byte every half second',
    send: [
      validate([`content-length: ${LENGTH}`], '{'),
      ...Array.from({ length: 16 }, () => [500, ' ']).flat(),
    ],
    answer: 'HTTP 408',
  },
  // Longer than headers may take: the pool of an API server has such connections.
  { what: 'a review after a silence of 4.5 s', send: [4_500, sized()], answer: 'allowed' },
  { what: 'two requests at once', send: sized() + sized(), answer: 'allowed + allowed' },
  {
    what: 'a review and garbage at once',
    send: `${sized()}garbage\r\n\r\n`,
    answer: 'HTTP 400',
  },
  {
    what: 'a uid with line breaks and a header in it',
    send: post('/validate', bodyOf(undefined, { uid: `${UID}\r\nx: y\r\n\r\n` })),
    answer: 'allowed',
  },
];
