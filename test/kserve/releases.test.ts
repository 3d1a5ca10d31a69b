/** The releases of KServe: the table, the same manifests planned for each of them, and how a release is told. */
import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/admission/assess-as-enforced.ts';
import type { Assessment } from '../../src/admission/assess.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { readController, releaseInForce, releaseOf, type Installed } from '../../src/kserve/installed.ts';
import {
  DEFAULT_RELEASE,
  DIFFERENCES,
  fork,
  has,
  RELEASE_NAMES,
  releaseNamed,
  TESTED,
  type Feature,
  type ReleaseName,
} from '../../src/kserve/releases.ts';
import { clusterOf } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const MODE = 'serving.kserve.io/deploymentMode';
const CLASS = 'serving.kserve.io/autoscalerClass';

function configOn(version: Config['kserve']['version']): Config {
  return { ...DEFAULTS, kserve: { version } };
}

async function on(
  name: ReleaseName,
  change: (service: Loose, runtime: Loose) => void = () => {},
): Promise<Assessment> {
  const [service, runtime] = [minimalService(), minimalRuntime()];
  change(service, runtime);
  return assess(service, clusterOf([runtime]), configOn(name));
}

function writtenBy({ stored }: Assessment): Loose {
  return stored;
}

/** Names and values of the env that headcount has written on the worker. */
function workerEnv(assessment: Assessment): Readonly<Record<string, string>> {
  const [container] = writtenBy(assessment).spec.predictor.workerSpec.containers;
  return Object.fromEntries(container.env.map(({ name, value }: Loose) => [name, value]));
}

describe('the table', () => {
  test('is in the order of the releases, and each row says where it was read', () => {
    const rows = Object.values(DIFFERENCES);
    expect(rows.map(({ since }) => since)).toEqual(rows.map(({ since }) => since).toSorted((a, b) => a - b));
    for (const { what, source } of rows) expect([what, source]).not.toContain('');
  });

  test('the default is the newest release whose plan stands', () => {
    expect(DEFAULT_RELEASE.name).toBe('0.19');
  });

  test('every release says how it was tested', () => {
    expect(Object.keys(TESTED).toSorted()).toEqual(RELEASE_NAMES.toSorted());
  });

  test.each<readonly [Feature, string]>([
    ['standardMode', '0.16 0.17 0.18 0.19 0.20 odh'],
    ['oci', '0.16 0.17 0.18 0.19 0.20 odh'],
    ['mp', '0.18 0.19 0.20'],
    ['workersService', '0.18 0.19 0.20'],
    ['deletesWorkers', '0.20'],
  ])('%s: %s', (feature, releases) => {
    const having = RELEASE_NAMES.filter((name) => has(releaseNamed(name), feature));
    expect(having.join(' ')).toBe(releases);
  });
});

describe('the same manifests for each release', () => {
  const numbers = ({ plan }: Assessment): unknown =>
    plan && [plan.backend, plan.nodes, plan.head.gpus, plan.worker.gpus];

  test.each(RELEASE_NAMES)('%s: on Ray the pods and GPUs are the same', async (name) => {
    expect(numbers(await on(name))).toEqual(['ray', 2, 8, 8]);
  });

  test.each(RELEASE_NAMES)('%s: mp where it is known, else the arithmetic of Ray', async (name) => {
    const planned = await on(name, ({ spec }, runtime) => {
      runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
      delete spec.predictor.model.resources;
      spec.predictor.workerSpec = { tensorParallelSize: 2, pipelineParallelSize: 2 };
    });
    const isKnown = ['0.18', '0.19', '0.20'].includes(name);
    expect(numbers(planned)).toEqual(isKnown ? ['mp', 2, 2, 2] : ['ray', 4, 1, 1]);
    const warned = planned.findings.filter(({ rule }) => rule === 'kserve-release');
    expect(warned.some(({ short }) => short.includes('asks for mp'))).toBe(!isKnown);
  });

  test.each(RELEASE_NAMES)('%s: WORKER_SVC where KServe sets it', async (name) => {
    const { WORKER_SVC, HEAD_SVC } = workerEnv(await on(name));
    expect(HEAD_SVC).toBe('llm-head-1');
    expect(WORKER_SVC).toBe(['0.18', '0.19', '0.20'].includes(name) ? 'llm-workers-1' : undefined);
  });

  test.each(RELEASE_NAMES)('%s: predictor.name is in WORKER_SVC from 0.20 on', async (name) => {
    const assessment = await on(name, ({ spec }) => (spec.predictor.name = 'p'));
    expect(workerEnv(assessment)['WORKER_SVC']).toBe(
      ({ '0.18': 'llm-workers-1', '0.19': 'llm-workers-1', '0.20': 'llm-p-workers-1' } as Loose)[name],
    );
  });

  test.each(RELEASE_NAMES)('%s: the author of each mode gets the one that it knows', async (name) => {
    const wanted = name === '0.15' ? 'RawDeployment' : 'Standard';
    for (const given of [undefined, 'Standard', 'RawDeployment']) {
      const assessment = await on(name, ({ metadata }) => {
        delete metadata.annotations[CLASS];
        if (given === undefined) delete metadata.annotations[MODE];
        else metadata.annotations[MODE] = given;
      });
      const { annotations } = writtenBy(assessment).metadata;
      expect([annotations[MODE], annotations[CLASS]]).toEqual([wanted, 'none']);
      expect(assessment.findings.filter(({ severity }) => severity === 'deny')).toEqual([]);
    }
  });

  test('on 0.15 nothing says to write Standard', async () => {
    const given = [undefined, 'Knative', 'Standard', 'RawDeployment'];
    for (const mutation of ['full', 'fill', 'off']) {
      for (const mode of given) {
        const { stored, findings } = await on('0.15', ({ metadata }) => {
          metadata.annotations['headcount.dev/mutation'] = mutation;
          if (mode === undefined) delete metadata.annotations[MODE];
          else metadata.annotations[MODE] = mode;
        });
        const { [MODE]: written } = (stored as Loose).metadata.annotations;
        // What its author wrote stays where headcount does not rewrite, and is denied.
        const stays = mode === 'Standard' && mutation !== 'full';
        expect(written === 'Standard').toBe(stays);
        expect(findings.map(({ fix }) => fix).join('\n')).not.toContain('Standard');
      }
    }
  });

  test.each(RELEASE_NAMES)('%s: format vLLM on a runtime with v1 only', async (name) => {
    const { runtime } = await on(name, ({ spec }, onV1) => {
      spec.predictor.model.modelFormat.name = 'vLLM';
      onV1.spec.supportedModelFormats = [{ name: 'vLLM', autoSelect: true }];
      onV1.spec.protocolVersions = ['v1'];
    });
    expect(runtime).toMatchObject(
      name === '0.20' ? { status: 'unsuitable', reason: 'protocol' } : { status: 'found' },
    );
  });

  test('every answer for 0.20 says that the workers are deleted, a denial too', async () => {
    for (const sizes of [2, 0]) {
      const { findings } = await on('0.20', ({ spec }) => {
        spec.predictor.workerSpec.pipelineParallelSize = sizes;
      });
      expect(findings[0]).toMatchObject({ rule: 'kserve-release', severity: 'warn' });
      expect(findings.some(({ severity }) => severity === 'deny')).toBe(sizes === 0);
    }
  });
});

describe('a version that is stated', () => {
  test.each(['0.15', '0.15.1', 'v0.15.2', '0.16.0-rc1', '0.19', 'v0.19.0', '0.20.1', 'odh'])('%s', (text) => {
    const name = text === 'odh' ? text : /0\.\d+/.exec(text)?.[0];
    expect(releaseOf(text)).toMatchObject({ status: 'known', release: { name } });
  });

  test.each(['0.15.0', 'v0.15.0-rc1', '0.14', '0.9.2'])('%s is too old', (text) => {
    expect(releaseOf(text)).toEqual({ status: 'too-old', version: text.replace('v', '') });
  });

  test.each(['0.21', '1.0.0', 'latest', '', '0.19.x', '19'])('"%s" is not known', (text) => {
    expect(releaseOf(text).status).toBe('unknown');
  });
});

/** KServe's controller as its manifests have it. */
function controller(image: string, labels: Readonly<Record<string, string>> = {}): Loose {
  const containers = [
    { name: 'kube-rbac-proxy', image: 'quay.io/brancz/kube-rbac-proxy:v0.18.0' },
    { name: 'manager', image },
  ];
  return { metadata: { labels }, spec: { template: { spec: { containers } } } };
}

describe("KServe's controller", () => {
  const VERSION = 'app.kubernetes.io/version';

  test.each<readonly [string, Loose, string | null]>([
    ['the tag of its image', controller('kserve/kserve-controller:v0.17.0'), '0.17'],
    ['a registry with a port', controller('registry.example:5000/kserve-controller:v0.16.0'), '0.16'],
    ['a tag and a digest', controller(`kserve/kserve-controller:v0.18.0@sha256:${'0'.repeat(64)}`), '0.18'],
    ['the label where there is no tag', controller('kserve-controller', { [VERSION]: 'v0.15.2' }), '0.15'],
    ['the label where the tag is no version', controller('k:latest', { [VERSION]: '0.19.0' }), '0.19'],
    ['the tag, which says what runs', controller('k:v0.20.0', { [VERSION]: 'v0.19.0' }), '0.20'],
    ['neither', controller('k:latest'), null],
    ['a release that is yet to come', controller('k:v0.23.0', { [VERSION]: 'v0.19.0' }), null],
    ['anything', 42, null],
  ])('%s', (_what, deployment, name) => {
    const installed = readController(deployment);
    expect(installed.status === 'known' ? installed.release.name : null).toBe(name);
  });

  test('0.15.0 is too old', () => {
    expect(readController(controller('k:v0.15.0'))).toEqual({ status: 'too-old', version: '0.15.0' });
  });

  test.each<readonly [string, Loose, object]>([
    ['a release of its own', controller('quay.io/opendatahub/kserve-controller:v3.4.0'), fork(null)],
    ['known by a label alone', controller('k:x', { 'app.opendatahub.io/kserve': 'true' }), fork(null)],
    [
      'one that has mp',
      controller('quay.io/opendatahub/kserve-controller:v0.18-latest'),
      { minor: 18, autoscalerClasses: ['none'] },
    ],
    [
      'one that wants external',
      controller('registry.example/rhoai/odh-kserve-controller:v0.14.1'),
      { minor: 15, autoscalerClasses: ['external'] },
    ],
  ])("Red Hat's fork: %s", (_what, deployment, release) => {
    expect(readController(deployment)).toMatchObject({
      status: 'known',
      release: { name: 'odh', ...release },
    });
  });
});

describe('the release in force', () => {
  const known: Installed = { status: 'known', release: releaseNamed('0.17') };
  const unread: Installed = { status: 'unread', why: 'headcount may not read it (403)' };

  test('auto: what the cluster has', () => {
    expect(releaseInForce('auto', known)).toEqual({
      release: releaseNamed('0.17'),
      from: 'cluster',
      why: null,
    });
  });

  test('auto: the default where the cluster does not tell, with the cause', () => {
    expect(releaseInForce('auto', unread)).toEqual({
      release: DEFAULT_RELEASE,
      from: 'default',
      why: 'headcount may not read it (403)',
    });
  });

  test('what is stated wins', () => {
    expect(releaseInForce('0.16', known)).toMatchObject({
      release: releaseNamed('0.16'),
      from: 'configuration',
    });
  });

  test('odh takes the version of its controller where that is known', () => {
    const release = fork({ minor: 18, isTooOld: false });
    expect(releaseInForce('odh', { status: 'known', release }).release).toBe(release);
    expect(releaseInForce('odh', known).release).toEqual(fork(null));
  });
});
