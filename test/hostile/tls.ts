/** Handshakes that an API server would not make. */
import type { TlsRow } from './row.ts';

const V12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const OLD = 'ALL:@SECLEVEL=0';
/** Record type 22 (handshake), version, length. */
const record = (type: number, length: number, body: string): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 1, length >> 8, length & 255]), Buffer.from(body, 'latin1')]);

export const TLS: readonly TlsRow[] = [
  { what: 'TLS 1.3', connect: { ALPNProtocols: ['http/1.1'] }, answer: 'TLSv1.3 http/1.1' },
  { what: 'TLS 1.2 with AES-GCM and ECDHE', connect: V12, answer: 'TLSv1.2 -' },
  {
    what: 'h2 and http/1.1 offered',
    connect: { ALPNProtocols: ['h2', 'http/1.1'] },
    answer: 'TLSv1.3 http/1.1',
  },
  { what: 'h2 alone', connect: { ALPNProtocols: ['h2'] }, answer: 'refused' },
  {
    what: 'a protocol that does not exist',
    connect: { ALPNProtocols: ['x'.repeat(200)] },
    answer: 'refused',
  },
  {
    what: 'TLS 1.1',
    connect: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: OLD },
    answer: 'refused',
  },
  { what: 'TLS 1.0', connect: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: OLD }, answer: 'refused' },
  { what: 'CBC', connect: { ...V12, ciphers: 'ECDHE-ECDSA-AES128-SHA256' }, answer: 'refused' },
  { what: 'CBC and SHA-1', connect: { ...V12, ciphers: 'ECDHE-ECDSA-AES256-SHA' }, answer: 'refused' },
  { what: 'no forward secrecy', connect: { ...V12, ciphers: 'AES128-GCM-SHA256' }, answer: 'refused' },
  { what: 'no encryption', connect: { ...V12, ciphers: 'NULL:@SECLEVEL=0' }, answer: 'refused' },
  {
    what: 'a server name that is not ours',
    connect: { servername: 'elsewhere.example' },
    answer: 'TLSv1.3 -',
  },
  {
    what: 'a server name of 250 letters',
    connect: { servername: `${'a'.repeat(60)}.`.repeat(4) },
    answer: 'TLSv1.3 -',
  },
  {
    what: 'plain HTTP',
    connect: { tcp: Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n') },
    answer: 'closed',
  },
  { what: 'random bytes', connect: { tcp: Buffer.alloc(500, 'nonsense') }, answer: 'closed' },
  {
    what: 'a record of the greatest length',
    connect: { tcp: record(22, 0xffff, 'x'.repeat(65_535)) },
    answer: 'closed',
  },
  {
    what: 'a heartbeat before the handshake',
    connect: { tcp: record(24, 3, '\u0001\u0040\u0000') },
    answer: 'closed',
  },
  {
    what: 'an alert before the handshake',
    connect: { tcp: record(21, 2, '\u0002\u0028') },
    answer: 'closed',
  },
  {
    what: 'a handshake that breaks off',
    connect: { tcp: record(22, 200, '\u0001\u0000\u0000') },
    answer: 'closed',
  },
  { what: 'a connection without a byte', connect: { tcp: Buffer.alloc(0) }, answer: 'closed' },
];
