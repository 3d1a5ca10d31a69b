/** What holds of every forecast, whatever the cluster: random worlds, and the forecast's answer checked by hand. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readAmounts } from '../../src/fit/amounts.ts';
import { readDemand } from '../../src/fit/demand.ts';
import type { Fit, Request } from '../../src/fit/forecast.ts';
import { readNode } from '../../src/fit/node.ts';
import { isFinished, readPod } from '../../src/fit/pod.ts';
import { refusalOf } from '../../src/fit/refusal.ts';
import type { Loose } from '../rules/cases.ts';
import { fitOf, requestOf, stockOf } from './placing.ts';
import { fitWorld, type FitWorld } from './worlds.ts';

const worlds = fc.nat().map((seed) => fitWorld(seed, 0));

function forecastOf({ nodes, pods, service, runtime }: FitWorld): { request: Request; fit: Fit } {
  const request = requestOf(service, runtime);
  return { request, fit: fitOf(request, stockOf(...nodes, ...pods)) };
}

/** @returns what pods request on a node together */
function takenOn(name: string, pods: readonly Loose[], resource: string): bigint {
  return pods
    .filter((pod) => pod.spec.nodeName === name && !isFinished(pod))
    .reduce((sum, pod) => sum + (readPod(pod).requests.get(resource) ?? 0n), 0n);
}

describe('placed pods', () => {
  test('overcommit no node', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { request, fit } = forecastOf(world);
        for (const node of world.nodes) {
          const demands = request.templates.map((template) => readDemand(template, 'team'));
          const placed = fit.now.pods.filter((pod) => pod.node === node.metadata.name);
          for (const [resource, allocatable] of readAmounts(node.status.allocatable)) {
            const added = placed.map(
              ({ role }) => demands.find((one) => one.role === role)?.pod.requests.get(resource) ?? 0n,
            );
            const sum = added.reduce((total, one) => total + one, 0n);
            const taken = takenOn(node.metadata.name, world.pods, resource);
            if (sum > 0n) expect(taken + sum <= allocatable).toBe(true);
          }
        }
      }),
    );
  });

  test('are on nodes that exist and are for them', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { request, fit } = forecastOf(world);
        for (const { role, node, waitsFor } of [...fit.now.pods, ...fit.peak.pods]) {
          expect(node === null).toBe(waitsFor !== null);
          if (node === null) continue;
          const template = request.templates.find((one) => one.role === role);
          const raw = world.nodes.find(({ metadata }) => metadata.name === node);
          expect([template === undefined, raw === undefined]).toEqual([false, false]);
          if (template === undefined) continue;
          expect(refusalOf(readNode(raw), readDemand(template, 'team'))).toBeNull();
        }
      }),
    );
  });

  test('of now are those of the plan, and what fits says so', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { request, fit } = forecastOf(world);
        const roles = request.templates.flatMap(
          ({ role, replicas }) => Array(replicas).fill(role) as string[],
        );
        expect(fit.now.pods.map(({ role }) => role)).toEqual(roles);
        const areAll = fit.now.pods.every(({ node }) => node !== null);
        if (fit.now.answer !== 'depends') expect(fit.now.answer).toBe(areAll ? 'yes' : 'no');
        if (fit.peak.fits) expect(fit.now.fits).toBe(true);
      }),
    );
  });
});

test("what depends on the head's node is said, and nothing else: every node that it may take is tried", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { request, fit } = forecastOf(world);
      const [head, ...others] = request.templates;
      if (head === undefined || fit.now.pods[0]?.node === null) return;
      const on = (name: string): Loose => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'head', namespace: 'elsewhere' },
        spec: { ...head.spec, nodeName: name },
      });
      const room = stockOf(...world.nodes, ...world.pods).room();
      const demand = readDemand(head, 'team');
      const results = room.nodes
        .filter((node) => refusalOf(node, demand) === null && room.hasRoom(node, demand.pod.requests))
        .map(({ name }) => {
          const stock = stockOf(...world.nodes, ...world.pods, on(name));
          return { head: name, fits: fitOf({ ...request, templates: others }, stock).now.fits };
        });
      const areAll = fit.now.pods.every(({ node }) => node !== null);
      const otherwise = results.find(({ fits }) => fits !== areAll) ?? null;
      if (otherwise !== null) expect(fit.now.answer).toBe('depends');
      expect(fit.now.otherwise).toEqual(otherwise);
    }),
    { numRuns: 60 },
  );
});

describe('more room', () => {
  /** A node's name decides when it is tried: this one comes first, between others, or last. */
  const added = fc.tuple(worlds, fc.nat(), fc.constantFrom('a', 'node-50', 'z'));

  test('in one more node never makes a plan wait now', () => {
    fc.assert(
      fc.property(added, ([world, seed, name]) => {
        const { nodes } = fitWorld(seed, 0);
        const node = { ...nodes[0], metadata: { ...nodes[0].metadata, name } };
        const { fit } = forecastOf(world);
        const { fit: larger } = forecastOf({ ...world, nodes: [...world.nodes, node] });
        if (fit.now.fits) expect(larger.now.fits).toBe(true);
      }),
    );
  });

  test('in one pod less never makes a plan impossible now', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { fit } = forecastOf(world);
        const { fit: larger } = forecastOf({ ...world, pods: world.pods.slice(1) });
        if (fit.now.answer !== 'no') expect(larger.now.answer).not.toBe('no');
      }),
      { numRuns: 200 },
    );
  });
});

test('the order of nodes and pods in the input does not count', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { fit } = forecastOf(world);
      const { nodes, pods } = world;
      expect(forecastOf({ ...world, nodes: nodes.toReversed(), pods: pods.toReversed() }).fit).toEqual(fit);
    }),
  );
});
