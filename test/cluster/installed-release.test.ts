/** The release of KServe as the server sees it over time, with an API server that is a literal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ApiError } from '../../src/cluster/answer.ts';
import type { Api } from '../../src/cluster/api.ts';
import { InstalledRelease } from '../../src/cluster/installed-release.ts';
import type { Installed } from '../../src/kserve/installed.ts';

const INTERVAL = 5;

/** An API server that holds a controller of one version, or answers with an error. */
class Fake {
  version: string | ApiError = 'v0.17.0';
  reads = 0;
  readonly api = { get: (path: string) => this.#get(path) } as unknown as Api;

  async #get(path: string): Promise<unknown> {
    this.reads += 1;
    expect(path).toBe('/apis/apps/v1/namespaces/kserve/deployments/kserve-controller-manager');
    if (this.version instanceof ApiError) throw this.version;
    const containers = [{ name: 'manager', image: `kserve/kserve-controller:${this.version}` }];
    return { spec: { template: { spec: { containers } } } };
  }
}

function nameOf(installed: Installed): string {
  return installed.status === 'known' ? installed.release.name : installed.status;
}

async function seenBy(fake: Fake, changes: readonly (string | ApiError)[]): Promise<readonly string[]> {
  const seen: string[] = [];
  const release = new InstalledRelease(fake.api, 'kserve', INTERVAL);
  await release.start((installed) => seen.push(nameOf(installed)));
  for (const version of changes) {
    fake.version = version;
    const { reads } = fake;
    // The look that is under way may have the old answer.
    while (fake.reads < reads + 3) await sleep(INTERVAL);
  }
  release.stop();
  return seen;
}

test('an upgrade is told once', async () => {
  expect(await seenBy(new Fake(), ['v0.18.0', 'v0.18.1', 'v0.19.0'])).toEqual(['0.17', '0.18', '0.19']);
});

test('what is known stays known while it can not be read', async () => {
  expect(await seenBy(new Fake(), [new ApiError(403, 'no'), new ApiError(0, 'away')])).toEqual(['0.17']);
});

test('a release that is not known takes the place of one that is', async () => {
  expect(await seenBy(new Fake(), ['v0.99.0', 'v0.14.0'])).toEqual(['0.17', 'unknown', 'too-old']);
});

test('what can not be read at first is told once, and again when it can', async () => {
  const fake = new Fake();
  fake.version = new ApiError(403, 'no');
  expect(await seenBy(fake, [new ApiError(403, 'no'), 'v0.16.0'])).toEqual(['unread', '0.16']);
});

test('the first look is shared by who asks before the start', async () => {
  const fake = new Fake();
  const release = new InstalledRelease(fake.api, 'kserve', 60_000);
  expect(nameOf(await release.first())).toBe('0.17');
  await release.start(() => {});
  release.stop();
  expect(fake.reads).toBe(1);
});
