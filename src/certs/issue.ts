/**
 * Makes a CA, and leaves signed by it. selfsigned issues them; its extensions option knows four extensions
 * and ignores all others, so each certificate is signed once more with the two key identifiers, without which
 * `openssl verify -x509_strict` and Python >= 3.13 refuse the chain.
 */
import { createPrivateKey, randomBytes, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Draft,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { generate } from 'selfsigned';
import type { Pair } from './source.ts';

/** Certificates are valid from an hour before they are made, since clocks differ. */
export const BACK_DATED = 3_600_000;

const ORGANISATION = 'headcount.dev';
const CA_NAME = 'headcount CA';
const EC = { name: 'ECDSA', namedCurve: 'P-256' };
const DNS_NAME = 2 as const;
const IP_ADDRESS = 7 as const;

/**
 * @param now milliseconds since 1970
 * @param lifetime milliseconds from now
 */
export async function issueCa(now: number, lifetime: number): Promise<Pair> {
  // Each CA has a different name, so that a client can tell two CAs apart while both are trusted.
  const name = `${CA_NAME} ${randomBytes(4).toString('hex')}`;
  const { cert, private: key } = await generate(subject(name), {
    ...common(now, now + lifetime),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return withKeyIdentifiers({ cert, key }, { cert, key });
}

/**
 * @param ca made by issueCa
 * @param names DNS names or IP addresses to serve
 * @param now milliseconds since 1970
 * @param end milliseconds since 1970; a leaf that outlives its CA would be of no use
 */
export async function issueLeaf(ca: Pair, names: readonly string[], now: number, end: number): Promise<Pair> {
  const altNames = names.map((name) =>
    isIP(name) === 0 ? { type: DNS_NAME, value: name } : { type: IP_ADDRESS, ip: name },
  );
  const { cert, private: key } = await generate(subject('headcount'), {
    ...common(now, end),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return withKeyIdentifiers({ cert, key }, ca);
}

/** Tells a CA of ours from one that somebody else put into a bundle: by its name, which issueCa gives. */
export function isOurCa({ ca, subject: names }: X509Certificate): boolean {
  const parts = names.split('\n');
  return ca && parts.includes(`O=${ORGANISATION}`) && parts.some((part) => part.startsWith(`CN=${CA_NAME} `));
}

function subject(commonName: string): { name: string; value: string }[] {
  return [
    { name: 'commonName', value: commonName },
    { name: 'organizationName', value: ORGANISATION },
  ];
}

function common(now: number, end: number) {
  return {
    keyType: 'ec' as const,
    algorithm: 'sha256',
    notBeforeDate: new Date(now - BACK_DATED),
    notAfterDate: new Date(end),
  };
}

async function withKeyIdentifiers({ cert, key }: Pair, ca: Pair): Promise<Pair> {
  const draft = new Draft(cert);
  const issuer = new Draft(ca.cert);
  const signed = await X509CertificateGenerator.create({
    serialNumber: draft.serialNumber,
    subject: draft.subjectName,
    issuer: issuer.subjectName,
    notBefore: draft.notBefore,
    notAfter: draft.notAfter,
    publicKey: draft.publicKey,
    signingKey: createPrivateKey(ca.key).toCryptoKey(EC, false, ['sign']),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      ...draft.extensions,
      await SubjectKeyIdentifierExtension.create(draft.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: `${signed.toString('pem')}\n`, key };
}
