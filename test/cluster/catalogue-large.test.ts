/** A catalogue whose runtimes are as long as etcd takes them, in the heap that a pod gives. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bodyOf } from '../hostile/reviews.ts';
import { file, ROOT, scratch } from '../support/cli.ts';
import { minimalService, type Loose } from '../rules/cases.ts';

const BYTES = 1_100_000;
const FILES = 49;

function yaml(name: string, args: string): string {
  return `apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: ${name}, namespace: team}
spec:
  supportedModelFormats: [{name: huggingface}]
  containers:
    - name: kserve-container
      args:
${args}  workerSpec:
    tensorParallelSize: 1
    pipelineParallelSize: 1
    containers: [{name: worker-container}]
`;
}

/** A script, many words, or JSON. YAML of many words takes the parser seconds. */
function manifest(index: number): [string, string] {
  const name = `rt-${index}`;
  if (index % 16 === 1) {
    const words = Array.from({ length: BYTES / 22 }, (_, n) => `        - --flag-${n}\n`.padEnd(22));
    return [`${name}.yaml`, yaml(name, words.join(''))];
  }
  if (index % 2 === 1) {
    const lines = Array.from({ length: BYTES / 50 }, (_, n) => `          echo ${n} ${'.'.repeat(30)}\n`);
    return [`${name}.yaml`, yaml(name, `        - |\n${lines.join('')}`)];
  }
  const object: Loose = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ServingRuntime',
    metadata: { name, namespace: 'team' },
    spec: {
      supportedModelFormats: [{ name: 'huggingface' }],
      containers: [{ name: 'kserve-container', args: Array(16_000).fill('x'.repeat(BYTES / 16_000)) }],
      workerSpec: { containers: [{ name: 'worker-container' }] },
    },
  };
  return [`${name}.json`, JSON.stringify(object)];
}

test(`${FILES} runtimes of ${BYTES} bytes each`, () => {
  for (let index = 0; index < FILES; index++) {
    const [name, text] = manifest(index);
    file(`large/${name}`, text);
  }
  const service = minimalService();
  service.spec.predictor.model.runtime = `rt-${FILES - 1}`;
  const review = file('large-review.json', bodyOf(service));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--max-old-space-size=128',
      join(ROOT, 'src/main.ts'),
      'review',
      review,
      '--catalog',
      join(scratch, 'large'),
    ],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('the args of the ServingRuntime \\"rt-48\\" are too long to read: not checked');
});
