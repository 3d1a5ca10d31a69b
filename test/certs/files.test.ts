/** Certificates from files: a pair that could not be served leaves the old one serving, and is counted. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { certificateFiles } from '../../src/certs/files.ts';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import type { CertificateSource, Pair } from '../../src/certs/source.ts';
import { until } from '../support/certs-world.ts';

const DAY = 86_400_000;
const NAMES = ['headcount.kserve', 'headcount.kserve.svc'];

let ca: Pair;
let good: Pair;
let better: Pair;
beforeAll(async () => {
  ca = await issueCa(Date.now(), 365 * DAY);
  good = await leaf(NAMES, 0, DAY);
  better = await leaf(['*.kserve', 'other', ...NAMES], 0, 2 * DAY);
});

function leaf(names: readonly string[], from: number, to: number): Promise<Pair> {
  return issueLeaf(ca, names, Date.now() + from, Date.now() + to);
}

let directory: string;
let source: CertificateSource;
let rejected: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headcount-'));
  rejected = [];
  source = certificateFiles({
    directory,
    names: NAMES,
    interval: 10,
    onRejected: (problem) => void rejected.push(problem),
  });
});
afterEach(async () => {
  source.stop();
  await rm(directory, { recursive: true });
});

async function put({ cert, key }: Pair): Promise<void> {
  await writeFile(join(directory, 'tls.crt'), cert);
  await writeFile(join(directory, 'tls.key'), key);
}

const wrongPairs: readonly [string, () => Promise<Pair>, RegExp][] = [
  [
    'half-written',
    async () => ({ ...better, cert: better.cert.slice(0, 300) }),
    /was not written completely/,
  ],
  ['mismatched', async () => ({ ...better, key: ca.key }), /the key is not the one/],
  ['expired', () => leaf(NAMES, -2 * DAY, -DAY), /ran out on/],
  ['not yet valid', () => leaf(NAMES, DAY, 2 * DAY), /is not valid before/],
  ['for another name', () => leaf(['headcount.other.svc'], 0, DAY), /is not for headcount\.kserve$/],
  ['short of one name', () => leaf(NAMES.slice(0, 1), 0, DAY), /is not for headcount\.kserve\.svc$/],
];

test.each(wrongPairs)('%s: refused, and the next good one is taken', async (_what, make, problem) => {
  await put(good);
  expect(await source.start()).toEqual(good);
  await put(await make());
  await until(() => rejected.some((text) => problem.test(text)));
  expect(source.current()).toEqual(good);
  expect(source.healthy()).toBe(true);
  const changed = new Promise((resolve) => source.onChange(resolve));
  await put(better);
  expect(await changed).toEqual(better);
});

test('a first pair for another name is no start', async () => {
  await put(await leaf(['headcount.other.svc'], 0, DAY));
  await expect(source.start()).rejects.toThrow('the certificate is not for headcount.kserve');
});
