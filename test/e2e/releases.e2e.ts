/**
 * The release of KServe, read off the Deployment of its controller: which one is planned for at the start and after an
 * upgrade, and what happens where it can't be read. A Deployment object is enough: nobody runs its pods.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Loose } from '../rules/cases.ts';
import { Headcount } from './cluster/headcount.ts';
import { multiNode, World } from './world.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/kserve/deployments';
const MODE = 'serving.kserve.io/deploymentMode';
/** What the contract gives an upgrade. */
const A_MINUTE = 60_000;

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterAll(async () => world?.stop());

/** KServe's controller as its manifests have it. */
function controller(image: string): Loose {
  const labels = { 'control-plane': 'kserve-controller-manager' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kserve-controller-manager', namespace: 'kserve', labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'manager', image }] } },
    },
  };
}

async function install(version: string): Promise<void> {
  await world.must(['apply', '-f', '-'], controller(`kserve/kserve-controller:${version}`));
}

async function planned(headcount: Headcount, release: string, from: string): Promise<boolean> {
  return (await headcount.metric(`headcount_kserve_release{release="${release}",from="${from}"}`)) === 1;
}

/** What would be stored of a service that says nothing of its mode. */
async function stored(name: string): Promise<{ object: Loose; warnings: readonly string[] }> {
  const bare = multiNode(name, ({ metadata }) => delete metadata.annotations);
  const { status, body, warnings } = await world.create(bare, '?dryRun=All');
  expect([status, body.message]).toEqual([201, undefined]);
  return { object: body, warnings };
}

function workerEnv({ spec }: Loose): readonly string[] {
  return spec.predictor.workerSpec.containers[0].env.map(({ name }: Loose) => name);
}

describe('the server that runs all along', () => {
  test('without a controller the default counts, and a metric and the log say so', async () => {
    expect(await planned(world.headcount, '0.19', 'default')).toBe(true);
    const line = world.headcount.log.find(({ msg }) => msg.startsWith("KServe's release is not known"));
    expect(line).toMatchObject({
      release: '0.19',
      problem: 'Deployment kserve/kserve-controller-manager: the API server answered 404',
    });
    const { object } = await stored('by-default');
    expect(object.metadata.annotations[MODE]).toBe('Standard');
  });

  test.each<readonly [string, string]>([
    ['v0.15.2', '0.15'],
    ['v0.18.0', '0.18'],
    ['v0.20.0', '0.20'],
  ])('follows an upgrade to %s within a minute', async (version, release) => {
    await install(version);
    const start = Date.now();
    while (!(await planned(world.headcount, release, 'cluster'))) {
      if (Date.now() - start > A_MINUTE) throw new Error(`still not ${release} after a minute`);
      await sleep(250);
    }
    console.info(`${version} after ${((Date.now() - start) / 1_000).toFixed(1)} s`);
    const { object, warnings } = await stored(`on-${release.replace('.', '-')}`);
    expect(object.metadata.annotations[MODE]).toBe(release === '0.15' ? 'RawDeployment' : 'Standard');
    expect(JSON.stringify(object).includes('Standard')).toBe(release !== '0.15');
    expect(workerEnv(object).includes('WORKER_SVC')).toBe(release !== '0.15');
    expect(warnings.some((warning) => warning.includes('deletes the workers'))).toBe(release === '0.20');
  });
});

describe('a server that starts', () => {
  async function started(check: (headcount: Headcount) => Promise<void>): Promise<void> {
    const headcount = await Headcount.start(world.cluster);
    try {
      await check(headcount);
    } finally {
      await headcount.stop();
    }
  }

  test.each<readonly [string, string]>([
    ['kserve/kserve-controller:v0.15.2', '0.15'],
    ['kserve/kserve-controller:v0.16.0', '0.16'],
    ['kserve/kserve-controller:v0.17.0', '0.17'],
    ['kserve/kserve-controller:v0.18.0', '0.18'],
    ['kserve/kserve-controller:v0.19.0', '0.19'],
    ['kserve/kserve-controller:v0.20.0', '0.20'],
    ['quay.io/opendatahub/kserve-controller:v3.4.0', 'odh'],
  ])('on %s plans for %s', async (image, release) => {
    await world.must(['apply', '-f', '-'], controller(image));
    await started(async (headcount) => {
      expect(await planned(headcount, release, 'cluster')).toBe(true);
    });
  });

  test('on 0.15.0 ends with one line', async () => {
    await install('v0.15.0');
    const headcount = await Headcount.launch(world.cluster);
    await expect(headcount.ready()).rejects.toThrow(/ended with 2/);
    expect(headcount.output).toMatch(/^headcount serve: KServe 0\.15\.0 is older than 0\.15\.1, .*\n$/);
  });

  test('may read that one Deployment, and no other', async () => {
    const mayI = async (...args: readonly string[]): Promise<string> => {
      const as = ['--as', 'system:serviceaccount:headcount-system:headcount', '-n', 'kserve'];
      return (await world.kubectl(['auth', 'can-i', ...args, ...as])).out.trim();
    };
    expect(await mayI('get', 'deployments/kserve-controller-manager')).toBe('yes');
    expect(await mayI('get', 'deployments/other')).toBe('no');
    for (const verb of ['list', 'watch', 'patch', 'delete']) {
      expect(await mayI(verb, 'deployments/kserve-controller-manager')).toBe('no');
    }
  });

  test('falls back to the default where it may not read it, with a warning', async () => {
    await install('v0.16.0');
    await world.must(['delete', 'rolebinding', '--all', '-n', 'kserve']);
    await started(async (headcount) => {
      expect(await planned(headcount, '0.19', 'default')).toBe(true);
      expect(headcount.log).toContainEqual(
        expect.objectContaining({
          level: 40,
          problem: 'Deployment kserve/kserve-controller-manager: headcount may not read it (403)',
        }),
      );
    });
  });
});

test('the Deployments are still there: they were read, and nothing else', async () => {
  const { body } = await world.cluster.call('GET', DEPLOYMENTS);
  expect(body.items.map(({ metadata }: Loose) => metadata.name)).toEqual(['kserve-controller-manager']);
});
