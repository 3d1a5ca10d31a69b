/**
 * For development: makes a CA and a pair of it for localhost, so that `serve --offline --cert-dir` can be asked
 * by a client that checks certificates. The CA's key is not kept: nothing else can ever be signed by it.
 *
 *   node certs/make.ts [folder]     (certs/localhost by default)
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { issueCa, issueLeaf } from '../src/certs/issue.ts';

const NAMES = ['localhost', '127.0.0.1', '::1'];
const YEAR = 365 * 86_400_000;

const folder = process.argv[2] ?? join(import.meta.dirname, 'localhost');
const now = Date.now();
const ca = await issueCa(now, YEAR);
const { cert, key } = await issueLeaf(ca, NAMES, now, now + YEAR);

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'ca.crt'), ca.cert);
writeFileSync(join(folder, 'tls.crt'), cert);
writeFileSync(join(folder, 'tls.key'), key, { mode: 0o600 });

const shown = relative('.', folder);
console.log(`${shown}: ca.crt, and tls.crt with tls.key for ${NAMES.join(', ')}; valid for a year`);
console.log(`  npm run headcount -- serve --offline --cert-dir ${shown}`);
console.log(`  curl --cacert ${join(shown, 'ca.crt')} https://localhost:9443/validate`);
