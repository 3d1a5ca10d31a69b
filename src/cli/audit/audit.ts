/**
 * `headcount audit`: every multi-node service of a cluster, with its plan and its findings. Other services
 * are listed only if there is a finding, such as a missing workerSpec.
 */
import { assess, type Assessment } from '../../admission/assess.ts';
import { Unavailable } from '../../cluster/cluster.ts';
import { Stock, type Ground } from '../../fit/stock.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { isMultiNode } from '../../kserve/view.ts';
import type { Run } from '../shared/command.ts';
import { findingJson } from '../shared/finding-json.ts';
import { nameOf } from '../planned/figures.ts';
import { findingsByService } from '../planned/findings.ts';
import { isShort, withFit } from '../planned/fit.ts';
import { groundLines } from '../planned/fit-words.ts';
import type { PlannedService } from '../planned/report.ts';
import { fitJson, serviceJson } from '../planned/service-json.ts';
import { pictureOf } from '../planned/tree.ts';
import { Progress } from '../shared/progress.ts';
import { Refusal } from '../shared/refusal.ts';
import { releaseInUse, releaseText } from '../shared/release.ts';
import { apiOf, configOf, exitCode, kserveNamespaceOf } from '../shared/session.ts';
import { addLive } from '../shared/stock.ts';
import { styleOf } from '../shared/streams.ts';
import { tally, tallyText } from '../shared/tally.ts';

export const audit: Run = async (given, streams) => {
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
  const stock = given.has('fit') ? new Stock() : null;
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
    if (stock !== null) await addLive(stock, api);
  } catch (error) {
    throw error instanceof Unavailable ? new Refusal(`can't list the services: ${error.message}`) : error;
  } finally {
    progress.end();
    cluster.stop();
    api.close();
  }
  const findings = assessments.flatMap((assessment) => assessment.findings);
  const unplaced = assessments.map((assessment) => ({ assessment, change: null, fit: null }));
  const services = stock === null ? unplaced : withFit(unplaced, stock);
  const ground = stock && stock.ground();
  if (given.text('output') === 'json') {
    streams.stdout.write(`${JSON.stringify(auditJson(services, ground, release), null, 2)}\n`);
  } else {
    const style = styleOf(streams);
    const lines = findingsByService(assessments, style);
    const blocks = services.map(({ assessment, fit }, index) => [
      ...pictureOf(assessment, style, null, fit),
      ...(lines[index] ?? []),
      '',
    ]);
    const last = [...groundLines(ground), releaseText(release), tallyText(findings, assessments.length)];
    streams.stdout.write(`${[...blocks.flat(), ...last].join('\n')}\n`);
  }
  return given.has('strict') && isShort(services) ? 1 : exitCode(findings, given);
};

function auditJson(
  services: readonly PlannedService[],
  ground: Ground | null,
  { release }: ReleaseInForce,
): object {
  const assessments = services.map(({ assessment }) => assessment);
  return {
    schemaVersion: 1,
    kserveVersion: release.name,
    services: services.map(serviceJson),
    ...(ground && { fit: fitJson(ground) }),
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
