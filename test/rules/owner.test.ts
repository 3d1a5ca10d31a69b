/** Findings say whose field they name: the spelling does not tell, since a service may hold a misplaced workerSpec. */
import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { at } from '../../src/lib/json.ts';
import { evaluateRuntime, evaluateService } from '../../src/rules/index.ts';
import { minimalWorld, runtimeSubject, serviceSubject, type Row, type RuleCases } from './cases.ts';

const rows: Record<'service' | 'runtime', Row[]> = { service: [], runtime: [] };
for (const name of readdirSync(import.meta.dirname).filter((one) => one.endsWith('.cases.ts'))) {
  const { cases } = (await import(`./${name}`)) as { cases: RuleCases };
  rows.service.push(...(cases.service ?? []));
  rows.runtime.push(...(cases.runtime ?? []));
}

/** Parts of a runtime's spec that no service has, unless by mistake. */
const OF_RUNTIMES = /^spec\.(annotations|containers|initContainers|workerSpec)\b/;

test('in every row a field of the runtime is called one, and no field of the service', () => {
  let ofRuntime = 0;
  for (const row of rows.service) {
    const world = minimalWorld();
    row.change(world);
    const subject = serviceSubject(world);
    for (const { field, owner } of evaluateService(subject, {})) {
      const [, part = ''] = OF_RUNTIMES.exec(field) ?? [];
      const isOwn = part === '' || at(subject.service.raw, 'spec', part) !== undefined;
      expect({ row: row.name, field, owner }).toEqual({
        row: row.name,
        field,
        owner: isOwn ? 'service' : 'runtime',
      });
      if (!isOwn) ofRuntime++;
    }
  }
  expect(ofRuntime).toBeGreaterThan(5);
});

test('all findings about a runtime itself are about its own fields', () => {
  const owners = rows.runtime.flatMap((row) => {
    const world = minimalWorld();
    row.change(world);
    return evaluateRuntime(runtimeSubject(world), {}).map(({ owner }) => owner);
  });
  expect(new Set(owners)).toEqual(new Set(['runtime']));
});
