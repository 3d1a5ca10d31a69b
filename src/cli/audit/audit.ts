/**
 * `headcount audit`: every multi-node service of a cluster, with its plan and its findings. Other services
 * are listed only if there is a finding, such as a missing workerSpec.
 */
import { assess, type Assessment } from '../../admission/assess.ts';
import { Unavailable } from '../../cluster/cluster.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { isMultiNode } from '../../kserve/view.ts';
import type { Run } from '../shared/command.ts';
import { findingJson } from '../shared/finding-json.ts';
import { nameOf } from '../planned/figures.ts';
import { findingsByService } from '../planned/findings.ts';
import { serviceJson } from '../planned/service-json.ts';
import { pictureOf } from '../planned/tree.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { Progress } from '../shared/progress.ts';
import { Refusal } from '../shared/refusal.ts';
import { releaseInUse, releaseText } from '../shared/release.ts';
import { apiOf, configOf, exitCode, kserveNamespaceOf } from '../shared/session.ts';
import { styleOf, type Style } from '../shared/streams.ts';
import { tally, tallyText } from '../shared/tally.ts';
import { html } from './html.ts';

/** Writes the audit as one document, with its last line end. */
type Format = (
  assessments: readonly Assessment[],
  release: ReleaseInForce,
  style: Style,
) => string | Promise<string>;

const FORMATS = { text, json, html } satisfies Record<string, Format>;
const IN_A_FILE: Style = { colour: false, unicode: true };

export const audit: Run = async (given, streams) => {
  const outputs = outputsOf<keyof typeof FORMATS>(given.all('output'), 'text');
  const config = await configOf(given);
  const api = await apiOf(given);
  const { CachedCluster } = await import('../../cluster/cached.ts');
  const cluster = new CachedCluster({
    api,
    kserveNamespace: kserveNamespaceOf(given),
    namespaces: false,
  });
  const assessments: Assessment[] = [];
  let release: ReleaseInForce;
  const progress = new Progress(streams);
  try {
    await cluster.start(() => {});
    const [trouble] = cluster.notReady();
    if (trouble !== undefined) throw new Refusal(trouble);
    release = await releaseInUse(cluster, config);
    if (!cluster.state().every(({ synced }) => synced)) {
      streams.stderr.write("KServe's ConfigMap can't be read: its defaults are assumed\n");
    }
    for await (const page of cluster.services(given.text('namespace'))) {
      for (const object of page) {
        const assessment = await assess(object, cluster, config, 'validate');
        if (isMultiNode(object) || assessment.findings.length > 0) assessments.push(assessment);
      }
      progress.show(() => `${assessments.length} services ...`);
    }
  } catch (error) {
    throw error instanceof Unavailable ? new Refusal(`can't list the services: ${error.message}`) : error;
  } finally {
    progress.end();
    cluster.stop();
    api.close();
  }
  const documents: Document[] = [];
  for (const { format, path } of outputs) {
    const style = path === null ? styleOf(streams) : IN_A_FILE;
    documents.push({ path, text: await FORMATS[format](assessments, release, style) });
  }
  await writeOutputs(documents, streams);
  return exitCode(
    assessments.flatMap(({ findings }) => findings),
    given,
  );
};

interface Document {
  readonly path: string | null;
  readonly text: string;
}

function text(assessments: readonly Assessment[], release: ReleaseInForce, style: Style): string {
  const lines = findingsByService(assessments, style);
  const blocks = assessments.map((assessment, index) => [
    ...pictureOf(assessment, style),
    ...(lines[index] ?? []),
    '',
  ]);
  const findings = assessments.flatMap((assessment) => assessment.findings);
  return `${[...blocks.flat(), releaseText(release), tallyText(findings, assessments.length)].join('\n')}\n`;
}

function json(assessments: readonly Assessment[], release: ReleaseInForce): string {
  return `${JSON.stringify(auditJson(assessments, release), null, 2)}\n`;
}

function auditJson(assessments: readonly Assessment[], { release }: ReleaseInForce): object {
  return {
    schemaVersion: 1,
    kserveVersion: release.name,
    services: assessments.map(serviceJson),
    findings: assessments.flatMap(({ service, findings }) =>
      findings.map((finding) => ({
        namespace: service.namespace,
        name: nameOf(service),
        ...findingJson(finding),
        suppressed: false,
      })),
    ),
    summary: {
      services: assessments.length,
      ...tally(assessments.flatMap(({ findings }) => findings)),
    },
  };
}
