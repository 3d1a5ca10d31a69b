/** Fixes that were once wrong: what they say can be written, and the finding is gone then. */
import { expect, test } from '@jest/globals';
import { rule as modelConfig } from '../../src/rules/model-config.ts';
import { rule as notMultiNode } from '../../src/rules/not-multi-node.ts';
import { rule as parallelSize } from '../../src/rules/parallel-size.ts';
import type { Report, Rule } from '../../src/rules/rule.ts';
import { rule as unknownField } from '../../src/rules/unknown-field.ts';
import { readModel } from '../../src/vllm/facts.ts';
import { modelNamed } from '../support/models.ts';
import { minimalWorld, serviceSubject, type World } from './cases.ts';

function reports(rule: Rule, change: (world: World) => void): readonly Report[] {
  const world = minimalWorld();
  change(world);
  return [...(rule.checkService?.(serviceSubject(world)) ?? [])];
}

/** @returns the fix about layers that are spread unevenly; null where they are not */
function layersFix(layers: number, stages: number): string | null {
  const found = reports(modelConfig, (world) => {
    const facts = readModel(modelNamed('Llama-3.1-8B-Instruct').config);
    if ('missing' in facts) throw new Error(facts.missing);
    world.settings.model = { facts: { ...facts, layers }, gpuMemory: null };
    world.service.spec.predictor.workerSpec.pipelineParallelSize = stages;
  });
  return found.find(({ message }) => /are uneven/.test(message))?.fix ?? null;
}

test('61 layers, a prime number: no number of stages is offered', () => {
  expect(layersFix(61, 2)).toMatch(
    /^no number of stages from 2 to 60 spreads 61 layers evenly; VLLM_PP_LAYER_PARTITION/,
  );
});

test.each([
  [32, 3, [2, 4]],
  [80, 3, [2, 4]],
  [62, 3, [2, 31]],
  [62, 40, [31]],
])('%d layers on %d stages: each number that is offered spreads them evenly', (layers, stages, offered) => {
  const fix = layersFix(layers, stages) ?? '';
  expect(fix).toContain(`write pipelineParallelSize: ${offered.join(' or ')} `);
  for (const stage of offered) expect(layersFix(layers, stage)).toBeNull();
});

test.each([
  ['4', 4],
  ['04', 4],
  [2.5, 2],
  [0, 1],
  [-8, 1],
  ['many', 1],
  [true, 1],
  [{}, 1],
])('a size of %j: the fix says %d, and that passes', (given, meant) => {
  const change = (value: unknown) => (world: World) =>
    (world.service.spec.predictor.workerSpec.tensorParallelSize = value);
  expect(reports(parallelSize, change(given)).map(({ fix }) => fix)).toEqual([
    `write a whole number, as in tensorParallelSize: ${meant}`,
  ]);
  expect(reports(parallelSize, change(meant))).toEqual([]);
});

test('a misplaced workerSpec is reported once, without advice to write an empty one', () => {
  const misplace = ({ service: { spec } }: World): void => {
    spec.workerSpec = spec.predictor.workerSpec;
    delete spec.predictor.workerSpec;
  };
  expect(reports(unknownField, misplace).map(({ fix }) => fix)).toEqual(['write spec.predictor.workerSpec']);
  expect(reports(notMultiNode, misplace)).toEqual([]);
  expect(reports(notMultiNode, ({ service }) => delete service.spec.predictor.workerSpec).length).toBe(1);
});
