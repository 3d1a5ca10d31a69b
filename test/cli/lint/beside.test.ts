/** A service and its runtime in one file, and a service without a plan: where findings stand, and what is counted. */
import { expect, test } from '@jest/globals';
import { file, headcount, json, schema } from '../../support/cli.ts';
import { elements, junitOf } from '../../support/documents.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const isLint = schema('lint.v1.json');

/** JSON with a value on each line, so that lines tell objects apart. */
const lines = (...items: readonly Loose[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1);

test.each([0, 1])('what the runtime of the file has is shown once, at its line', async (first) => {
  const runtime = minimalRuntime();
  runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '4' }];
  const objects = [runtime, minimalService()];
  const text = lines(...(first === 0 ? objects : objects.toReversed()));
  const { findings } = await json(['lint', file('both.json', text)]);
  const found = findings.filter(({ rule }: Loose) => rule === 'parallel-size-env');
  const line = text.slice(0, text.indexOf('TENSOR_PARALLEL_SIZE')).split('\n').length - 1;
  expect(found.map((finding: Loose) => [finding.name, finding.line])).toEqual([['rt', line]]);
});

test("a finding of the service about the runtime's field stands in the runtime of the file", async () => {
  const runtime = minimalRuntime();
  runtime.spec.containers[0].args = ['--tensor-parallel-size=4'];
  const text = lines(minimalService(), runtime);
  const { findings } = await json(['lint', file('args.json', text)]);
  const [found] = findings.filter(({ rule }: Loose) => rule === 'vllm-args');
  const line = text.slice(0, text.indexOf('--tensor-parallel-size=4')).split('\n').length;
  expect([found.name, found.line]).toEqual(['llm', line]);
});

test('where the runtime is in another file, it stands where the service names the runtime', async () => {
  const runtime = minimalRuntime();
  runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '4' }];
  const text = JSON.stringify(minimalService(), null, 1);
  const catalogue = file('alone.json', runtime);
  const { findings } = await json(['lint', file('service.json', text), '--catalog', catalogue]);
  const [found] = findings.filter(({ rule }: Loose) => rule === 'parallel-size-env');
  expect(found.line).toBe(text.slice(0, text.indexOf('"runtime"')).split('\n').length);
});

test('a service without a plan is counted, and JUnit skips what could not be checked', async () => {
  const service = minimalService();
  service.spec.predictor.model.runtime = 'nope';
  const argv = ['lint', file('unplanned.json', lines(service, minimalRuntime()))];
  const document = await json(argv);
  isLint(document);
  expect(document.summary).toMatchObject({ services: 1, unplanned: 1 });
  const { out } = await headcount([...argv, '-o', 'junit']);
  const skipped = elements(junitOf(out), '//testcase[skipped]/@name');
  expect(skipped.map(({ content }) => content)).toEqual(
    expect.arrayContaining(['vllm-args', 'merge', 'template', 'agent', 'reserved-env', 'gpu-idle']),
  );
});

test('a file that is given twice is judged once', async () => {
  const path = file('once/a.json', minimalService());
  const { summary } = await json(['lint', path, path.replace(/a\.json$/, '')]);
  expect(summary).toMatchObject({ files: 1, services: 1 });
});
