/** `headcount lint`, and the input that it shares with plan. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, DENIED, file, headcount, json, schema, scratch, SERVICE } from './cli.ts';
import { minimalRuntime, minimalService, type Loose } from './rules/cases.ts';

const isLint = schema('lint.v1.json');

async function names(...argv: readonly string[]): Promise<string[]> {
  return (await json(['plan', ...argv])).services.map((planned: Loose) => planned.name);
}

function service(name: string): Loose {
  return { ...minimalService(), metadata: { name, namespace: 'team' } };
}

describe('lint', () => {
  test('text: file:line:column severity rule field: message, then the fix', async () => {
    const { out, err } = await headcount(['lint', DENIED]);
    expect(out).toMatch(
      /^test\/fixtures\/cli-denied\.yaml:14:9 deny head-replicas spec\.predictor\.minReplicas: .+\n {2}fix: .+$/m,
    );
    expect(out).toMatch(/^1 service in 1 file: 1 denied, \d+ warnings?, \d+ notes?\n$/m);
    expect(err).toBe('skipped 1 object of another kind\n');
  });

  test('JSON in its documented shape, runtimes of the input included', async () => {
    const runtime = minimalRuntime();
    runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
    const path = file('runtime.json', runtime);
    const document = await json(['lint', DENIED, path]);
    isLint(document);
    expect(document.summary).toMatchObject({ files: 2, services: 1, deny: 2 });
    expect(document.findings).toContainEqual({
      file: path,
      line: 1,
      column: expect.any(Number),
      namespace: 'team',
      name: 'rt',
      rule: 'parallel-size-env',
      severity: 'deny',
      field: 'spec.containers[0].env[0]',
      message: expect.any(String),
      fix: expect.any(String),
      suppressed: false,
    });
  });

  test('runtimes of the catalogue are not linted', async () => {
    const runtime = minimalRuntime();
    runtime.spec.containers[0].env = [{ name: 'TENSOR_PARALLEL_SIZE', value: '8' }];
    const { findings } = await json(['lint', SERVICE, '--catalog', file('catalogue/runtime.json', runtime)]);
    expect(findings.filter((finding: Loose) => finding.name === 'rt')).toEqual([]);
  });
});

describe('input', () => {
  test('directories, by name and with what is below; other extensions and hidden directories left out', async () => {
    for (const name of ['b.yaml', 'a/z.yml', 'c.json', 'd.txt', '.git/x.yaml', '..data/y.yaml']) {
      file(`tree/${name}`, service(name.replaceAll(/[^a-z]/g, '-')));
    }
    symlinkSync(join(scratch, 'tree/d.txt'), join(scratch, 'tree/e.yaml'));
    expect(await names(join(scratch, 'tree'))).toEqual(['a-z-yml', 'b-yaml', 'c-json', 'd-txt']);
  });

  test('a typed list whose items leave their kind to it', async () => {
    const { kind: _kind, apiVersion, ...item } = service('listed');
    const list = { apiVersion, kind: 'InferenceServiceList', items: [item] };
    expect(await names(file('list.json', list))).toEqual(['listed']);
  });

  test('runtimes, claims and ConfigMap beside the services are used', async () => {
    const { services } = await json(['plan', SERVICE, CATALOGUE]);
    expect(services[0].findings.map((finding: Loose) => finding.rule)).not.toContain('storage-claim');
    const auto = service('auto');
    delete auto.spec.predictor.model.runtime;
    delete auto.spec.predictor.workerSpec.pipelineParallelSize;
    const planned = await json(['plan', file('auto.json', auto), '--catalog', CATALOGUE]);
    expect(planned.services[0]).toMatchObject({
      runtime: { kind: 'ServingRuntime', name: 'own', selected: 'auto' },
      pipelineParallelSize: 4,
    });
  });

  test('what a catalogue lacks is missing', async () => {
    const path = file('unknown.json', service('unknown'));
    expect((await json(['plan', path])).services[0].runtime.selected).toBe('assumed');
    expect((await json(['plan', path, '--catalog', CATALOGUE])).services[0].runtime).toBeNull();
  });
});
