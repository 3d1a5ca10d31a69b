/**
 * `headcount render`: the manifests of every format, and random services in many hands. What is rendered is
 * read back with js-yaml and has to be what the webhook's own patch makes of the same object.
 */
import { chmodSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { admit } from '../../../src/admission/admit.ts';
import { catalogueOf, partOf } from '../../../src/cluster/catalogue.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { file, headcount, json, SERVICE } from '../../support/cli.ts';
import { hands, withNote, written } from '../../support/hands.ts';
import { configOf, patched, requestFor } from '../../support/helpers.ts';
import { MANIFESTS } from '../../support/manifests.ts';
import { pairs } from '../../oracle/generate.ts';
import { minimalService, type Loose } from '../../rules/cases.ts';

const RUNS = Number(process.env['HEADCOUNT_RUNS'] ?? 250);
const SEED = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RECORD = 'headcount.dev/applied';
const GENERATION_ENV = ['HEAD_SVC', 'WORKER_SVC'];
/** Denied or not: /mutate patches what it can. */
const CONFIG = configOf({ denyAt: 'validate' });

function read(text: string): Loose[] {
  // json: the last of two equal keys wins.
  const documents = loadAll(text, { schema: YAML11_SCHEMA, json: true });
  return documents.filter((document) => document !== null && document !== undefined) as Loose[];
}

function servicesIn(documents: readonly Loose[]): Loose[] {
  return documents.flatMap((document) => {
    if (!document?.kind?.endsWith('List')) return partOf(document) === 'service' ? [document] : [];
    const { apiVersion, kind } = document;
    const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -4) };
    return servicesIn(document.items.map((item: Loose) => ({ ...own, ...item })));
  });
}

async function mutated(object: Loose, cluster: Cluster): Promise<Loose> {
  const decision = await admit('mutate', requestFor(object), cluster, CONFIG);
  if (decision.outcome !== 'allow') throw new Error(`not allowed: ${JSON.stringify(decision)}`);
  return patched(object, decision.patch);
}

function workerEnv(object: Loose): Loose[] {
  const env = object?.spec?.predictor?.workerSpec?.containers?.[0]?.env;
  return Array.isArray(env) ? env : [];
}

/** The mutated object without the record and without the env that carries a generation. */
async function expected(object: Loose, cluster: Cluster): Promise<Loose> {
  const result = await mutated(object, cluster);
  if (result.metadata?.annotations?.[RECORD] === undefined) return result;
  delete result.metadata.annotations[RECORD];
  if (object.metadata.annotations === undefined && Object.keys(result.metadata.annotations).length === 0) {
    delete result.metadata.annotations;
  }
  const authors = workerEnv(object).map((entry) => entry?.name);
  const env = workerEnv(result);
  const isOurs = ({ name }: Loose): boolean => GENERATION_ENV.includes(name) && !authors.includes(name);
  if (env.length > 0) {
    result.spec.predictor.workerSpec.containers[0].env = env.filter(
      (entry) => entry === null || !isOurs(entry),
    );
  }
  return result;
}

/** What a cluster with headcount still does to a rendered service. */
async function addedInCluster(rendered: Loose, cluster: Cluster): Promise<string[]> {
  const result = await mutated(rendered, cluster);
  const added: string[] = [];
  if (result.metadata?.annotations?.[RECORD] !== rendered.metadata?.annotations?.[RECORD]) {
    added.push(RECORD);
    delete result.metadata.annotations[RECORD];
    if (rendered.metadata.annotations === undefined) delete result.metadata.annotations;
  }
  const env = workerEnv(result).splice(workerEnv(rendered).length);
  expect(result).toEqual(rendered);
  return [...added, ...env.map(({ name }) => name)];
}

/** @returns the lines of a text that are not in another, in order: by the longest common subsequence. */
function lostLines(before: string, after: string): string[] {
  // Without the comma that JSON wants once another line follows.
  const lines = (text: string): string[] => text.split(/,?\r?\n/);
  const [a, b] = [lines(before), lines(after)];
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = length[i];
      if (row !== undefined)
        row[j] = a[i] === b[j] ? 1 + at(i + 1, j + 1) : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lost: string[] = [];
  for (let i = 0, j = 0; i < a.length;) {
    if (j < b.length && a[i] === b[j] && at(i, j) === 1 + at(i + 1, j + 1)) [i, j] = [i + 1, j + 1];
    else if (j < b.length && at(i, j) === at(i, j + 1)) j++;
    else lost.push(a[i++] ?? '');
  }
  return lost;
}

/** What stands on a line that headcount may have to touch: a value it replaces, an empty one, a bracket, an alias. */
const REPLACED = /(Size"?'?: |RawDeployment|: *(null|~)?( +#.*)?$|^ *-$|^ +\d+( #.*)?$|[{}[\]]|\*\w)/;

function comments(text: string): string[] {
  return (text.match(/(?<=^|\s)#[^\r\n]*/g) ?? []).sort();
}

/** The numbers of a plan; what was rewritten is not rewritten again. */
function numbers({ services }: Loose): Loose {
  return services.map(({ normalized: _normalized, findings: _findings, ...service }: Loose) => service);
}

describe('the manifests of every format', () => {
  test('there are enough of them', () => {
    expect(MANIFESTS.length).toBeGreaterThanOrEqual(30);
  });

  test.each(MANIFESTS.map(({ name, text }) => [name, text]))('%s', async (name, text) => {
    const path = file(`manifests/${name}`, text);
    const given = read(text);
    const runtimes = given.filter((object) => partOf(object) === 'runtime');
    const cluster = catalogueOf(runtimes, runtimes.length > 0 ? 'complete' : 'assumed');
    const { code, out } = await headcount(['render', path]);
    const services = servicesIn(given);
    const wanted = await Promise.all(services.map((service) => expected(service, cluster)));

    const rendered = servicesIn(read(out));
    expect(rendered).toEqual(wanted);
    expect(read(out).filter((object) => servicesIn([object]).length === 0)).toEqual(
      given.filter((object) => servicesIn([object]).length === 0),
    );
    const again = file(`again/${name}`, out);
    expect((await headcount(['render', again])).out).toBe(out);
    expect(comments(out)).toEqual(comments(text));
    for (const line of lostLines(text, out)) expect(line).toMatch(REPLACED);
    if (services.length === 0) return;
    const plan = await json(['plan', path]);
    expect(numbers(await json(['plan', again]))).toEqual(numbers(plan));
    expect(code).toBe(plan.services.some(isDenied) ? 1 : 0);
    for (const service of rendered) {
      const added = await addedInCluster(service, cluster);
      expect([RECORD, ...GENERATION_ENV]).toEqual(expect.arrayContaining(added));
    }
  });

  function isDenied({ findings }: Loose): boolean {
    return findings.some(({ severity }: Loose) => severity === 'deny');
  }
});

/** The library that writes the YAML can't always read it, or reads another value. */
function isReadable(text: string, service: Loose): boolean {
  try {
    return isDeepStrictEqual(servicesIn(read(text)), [service]);
  } catch {
    return false;
  }
}

test(`random services in random hands (seed ${SEED})`, async () => {
  const seen = { changed: 0, unreadable: 0 };
  await fc.assert(
    fc.asyncProperty(
      pairs,
      hands,
      fc.boolean(),
      fc.boolean(),
      async ({ service, runtime }, hand, note, live) => {
        const catalogue = file('runtime.json', { kind: 'List', items: [runtime] });
        const cluster = catalogueOf([runtime], 'complete');
        const given = note ? withNote(service) : service;
        // What a cluster has stored gives what its author wrote.
        const stored = live ? await mutated(given, cluster) : given;
        const text = written(stored, hand);
        if (!isReadable(text, stored)) {
          seen.unreadable++;
          return;
        }
        const render = async (stdin: string): Promise<string> =>
          (await headcount(['render', '-', '--catalog', catalogue], { stdin })).out;
        const out = await render(text);
        if (out !== text) seen.changed++;

        const [found] = servicesIn(read(out));
        expect(found).toEqual(await expected(given, cluster));
        expect(await render(out)).toBe(out);
        expect(comments(out)).toEqual(comments(text));
        if (hand.form === 'block' && !hand.anchors && !live) {
          for (const line of lostLines(text, out)) expect(line).toMatch(REPLACED);
        }
        const numbersOf = async (stdin: string): Promise<Loose> =>
          numbers(await json(['plan', '-', '--catalog', catalogue], stdin));
        expect(await numbersOf(out)).toEqual(await numbersOf(text));
        await addedInCluster(found, cluster);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
  expect(seen.changed).toBeGreaterThan(RUNS / 2);
  // Some one in twelve; a seed had 26 of 250.
  expect(seen.unreadable).toBeLessThan(RUNS / 5);
});

describe('files and streams', () => {
  const FINE = 'demo/manifests/guide-case-1.yaml';
  const OTHER = 'kind: Secret\ndata: {a: yes} # 1\n';

  test('several files are joined, and each document stays a document', async () => {
    const other = file('stream/other.yaml', OTHER);
    const inJson = file('stream/b.json', '{"kind":"ConfigMap"}');
    const marked = file('stream/c.yaml', '\uFEFF--- # first\nkind: X');
    const directed = file('stream/d.yaml', '%YAML 1.1\n---\nkind: Y\n');
    const empty = file('stream/e.yaml', '\n');
    const { code, out, err } = await headcount(['render', other, inJson, empty, marked, directed, other]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      `${OTHER}---\n{"kind":"ConfigMap"}\n--- # first\nkind: X\n...\n%YAML 1.1\n---\nkind: Y\n---\n${OTHER}`,
    );
  });

  test('a directory, standard input and nothing at all', async () => {
    const text = readFileSync(FINE, 'utf8');
    const { out } = await headcount(['render', '-'], { stdin: text });
    expect(out).not.toBe(text);
    expect((await headcount(['render', FINE])).out).toBe(out);
    file('folder/a.yaml', text);
    file('folder/sub/b.yml', OTHER);
    expect((await headcount(['render', join(file('folder/x.txt', ''), '..')])).out).toBe(
      `${out}---\n${OTHER}`,
    );
    expect(await headcount(['render', '-'], { stdin: '' })).toMatchObject({ code: 2, out: '' });
  });

  test('findings go to standard error with their place', async () => {
    const { code, err } = await headcount(['render', 'demo/manifests/guide-case-2.yaml']);
    expect(code).toBe(0);
    expect(err).toMatch(/^demo\/manifests\/guide-case-2\.yaml:17:7 warn parallel-size spec\.predictor\./);
    expect((await headcount(['render', 'demo/manifests/guide-case-2.yaml', '--strict'])).code).toBe(1);
  });

  test('--write changes what differs, keeps the mode, and leaves denied files alone', async () => {
    const fine = file('write/fine.yaml', readFileSync(FINE, 'utf8'));
    const denied = file('write/denied.yaml', readFileSync('demo/manifests/too-few-gpus.yaml', 'utf8'));
    const same = file('write/same.yaml', OTHER);
    chmodSync(fine, 0o640);
    for (const path of [fine, denied, same]) utimesSync(path, 1, 1);
    const wanted = (await headcount(['render', fine])).out;

    const { code, out, err } = await headcount(['render', '--write', fine, denied, same]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.split('\n').filter((line) => line.includes('written'))).toEqual([
      `written: ${fine}`,
      `not written: ${denied} (denied)`,
    ]);
    expect(readFileSync(fine, 'utf8')).toBe(wanted);
    expect(statSync(fine).mode & 0o777).toBe(0o640);
    expect([statSync(denied).mtimeMs, statSync(same).mtimeMs]).toEqual([1000, 1000]);
    expect((await headcount(['render', '-w', fine])).err).not.toContain('written');
  });

  test('a file that can not be rewritten keeps all of them as they are', async () => {
    const first = file('keep/a.yaml', readFileSync(FINE, 'utf8'));
    const service = minimalService();
    const { annotations } = (await mutated(service, catalogueOf([], 'assumed'))).metadata;
    const { name } = service.metadata;
    const merged = `a: &x ${JSON.stringify(annotations)}\nmetadata: {name: ${name}, annotations: {<<: *x}}\n`;
    const second = file(
      'keep/b.yaml',
      `${merged}kind: InferenceService\napiVersion: serving.kserve.io/v1beta1\nspec: {predictor: {}}\n`,
    );
    const { code, err } = await headcount(['render', '-w', first, second]);
    expect(code).toBe(2);
    expect(err).toMatch(/^headcount render: .*b\.yaml: can't be rewritten in place: .*, without anchors\n$/);
    expect(readFileSync(first, 'utf8')).toBe(readFileSync(FINE, 'utf8'));
  });

  test('--check lists what would change', async () => {
    const path = file('check/a.yaml', readFileSync(FINE, 'utf8'));
    expect(await headcount(['render', '--check', path, SERVICE])).toMatchObject({
      code: 1,
      out: `${path}\n${SERVICE}\n`,
    });
    await headcount(['render', '--write', path]);
    expect(await headcount(['render', '--check', path])).toMatchObject({ code: 0, out: '' });
    const few = 'demo/manifests/too-few-gpus.yaml';
    expect(await headcount(['render', '--check', few])).toMatchObject({ code: 1, out: '' });
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    ['writing standard input', ['-', '--write'], /--write changes files, and standard input is none/],
    ['both', ['a.yaml', '--write', '--check'], /--write and --check exclude each other/],
    ['no file', [], /missing required argument 'FILE'/],
  ])('wrong use: %s', async (_what, argv, message) => {
    const { code, out, err } = await headcount(['render', ...argv]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});
