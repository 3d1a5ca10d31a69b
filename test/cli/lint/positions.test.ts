/**
 * Where findings point, held against a second YAML parser with its own idea of positions: the token at
 * file:line:column is the one that the field names, or its nearest parent that is there.
 */
import { expect, test } from '@jest/globals';
import { Kind, loadAll } from 'yaml-ast-parser';
import { file, json } from '../../support/cli.ts';
import { MANIFESTS } from '../../support/manifests.ts';
import type { Loose } from '../../rules/cases.ts';

/** An alias as what it stands for. */
function target(node: Loose): Loose {
  return node?.kind === Kind.ANCHOR_REF ? target(node.value) : node;
}

/** The pairs of a map with those of its merges in their places: of two with the same key the last counts. */
function pairs(node: Loose): Loose[] {
  const map = target(node);
  if (map?.kind === Kind.SEQ) return map.items.toReversed().flatMap(pairs);
  return (map?.mappings ?? []).flatMap((pair: Loose) =>
    pair.key.value === '<<' ? pairs(pair.value) : [pair],
  );
}

/** Names that users choose, which Kubernetes writes in brackets. */
const NAMED = ['annotations', 'requests', 'limits'];

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

/** Every path below an object and the offset of its token; -1 for an item that is nothing but its dash. */
function tokens(node: Loose, path = '', found = new Map<string, number>()): Map<string, number> {
  const parent = path.slice(path.lastIndexOf('.') + 1);
  for (const { key, value } of pairs(node)) {
    const name = target(key).value;
    const below = NAMED.includes(parent) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    for (const old of found.keys()) if (isBelow(old, below)) found.delete(old);
    found.set(below, key.startPosition);
    tokens(value, below, found);
  }
  const items: Loose[] = target(node)?.items ?? [];
  for (const [index, item] of items.entries()) {
    // The parser leaves the asterisk of an alias out.
    found.set(
      `${path}[${index}]`,
      item === null ? -1 : item.startPosition - (item.kind === Kind.ANCHOR_REF ? 1 : 0),
    );
    if (target(item) !== item || item?.kind !== Kind.SCALAR) tokens(item, `${path}[${index}]`, found);
  }
  return found;
}

/** The path itself where it is there, else its longest beginning that is. */
function present(field: string, found: ReadonlyMap<string, number>): string {
  const parents = [...found.keys()].filter((path) => isBelow(field, path));
  return parents.reduce((best, path) => (path.length > best.length ? path : best), '');
}

function valueAt(object: Loose, ...path: readonly string[]): Loose {
  let node = object;
  for (const step of path) node = pairs(node).findLast(({ key }) => target(key).value === step)?.value;
  return target(node)?.value ?? null;
}

/** The objects of a document, lists taken apart. */
function objects(node: Loose): Loose[] {
  const items = pairs(node).find(({ key }) => key.value === 'items')?.value;
  return String(valueAt(node, 'kind')).endsWith('List') ? items.items.flatMap(objects) : [node];
}

let checked = 0;

test.each(MANIFESTS.map(({ name, text }) => [name, text] as const))('%s', async (name, text) => {
  const { findings } = await json(['lint', file(name, text)]);
  const visible = text.replace(/^\uFEFF/, '');
  const lines = visible.split('\n');
  const documents: Loose[] = [];
  loadAll(visible, (document) => documents.push(document));
  const all = documents.flatMap(objects);
  for (const { name: of, field, line, column } of findings) {
    const nameIn = (object: Loose): Loose =>
      valueAt(object, 'metadata', 'name') ?? valueAt(object, 'metadata', 'generateName');
    const named = all.filter((object) => nameIn(object) === of);
    expect([of, named.length]).toEqual([of, 1]);
    const [own] = named;
    const [, part = 'predictor'] = /^spec\.(\w+)/.exec(field) ?? [];
    const ofRuntime = valueAt(own, 'kind') !== 'ServingRuntime' && !tokens(own).has(`spec.${part}`);
    const runtime = valueAt(own, 'spec', 'predictor', 'model', 'runtime');
    const beside = ofRuntime ? all.find((object) => nameIn(object) === runtime) : undefined;
    const object = beside ?? own;
    const found = tokens(object);
    const isElsewhere = ofRuntime && beside === undefined;
    const path = present(isElsewhere ? 'spec.predictor.model.runtime' : field, found);
    const at = found.get(path) ?? object.startPosition;
    if (at === -1) {
      expect(lines[line - 1]?.slice(0, column - 1).trim()).toBe('-');
    } else {
      const before = visible.slice(0, at).split('\n');
      expect([field, line, column]).toEqual([field, before.length, (before.at(-1)?.length ?? 0) + 1]);
    }
    // A plain name can be read there.
    const [, inBrackets, behindDot] = /\[([^[\]]+)\]$|([^.[\]]+)$/.exec(path) ?? [];
    const last = inBrackets ?? behindDot ?? '';
    if (/^[\w./-]*[a-z]$/i.test(last)) {
      expect(
        lines[line - 1]
          ?.slice(column - 1)
          .replace(/^["']/, '')
          .slice(0, last.length),
      ).toBe(last);
    }
    checked++;
  }
});

test('more than enough positions were checked', () => {
  expect(checked).toBeGreaterThan(150);
});

test('spec.workerSpec one level too shallow: its own line, not that of the runtime', async () => {
  const manifest = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm}
spec:
  workerSpec: {pipelineParallelSize: 2}
  predictor:
    model:
      modelFormat: {name: huggingface}
      runtime: kserve-huggingfaceserver-multinode
      storageUri: pvc://models/llm
`;
  const { findings } = await json(['lint', file('shallow.yaml', manifest)]);
  expect(findings).toContainEqual(
    expect.objectContaining({ rule: 'unknown-field', field: 'spec.workerSpec', line: 5, column: 3 }),
  );
});

test("a field of the service's runtime: the line that names the runtime", async () => {
  const runtime = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ClusterServingRuntime',
    metadata: { name: 'ours' },
    spec: {
      supportedModelFormats: [{ name: 'huggingface' }],
      containers: [{ name: 'kserve-container', env: [{ name: 'TENSOR_PARALLEL_SIZE', value: '2' }] }],
      workerSpec: { containers: [{ name: 'worker-container' }] },
    },
  };
  const manifest = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm}
spec:
  predictor:
    model:
      modelFormat: {name: huggingface}
      runtime: ours
      storageUri: pvc://models/llm
    workerSpec: {pipelineParallelSize: 2}
`;
  const { findings } = await json([
    'lint',
    file('on-ours.yaml', manifest),
    '--catalog',
    file('ours.json', runtime),
  ]);
  expect(findings).toContainEqual(
    expect.objectContaining({ rule: 'parallel-size-env', field: 'spec.containers[0].env[0]', line: 8 }),
  );
});
