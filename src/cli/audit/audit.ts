/**
 * `headcount audit`: every multi-node service of a cluster, with its plan and its findings. Other services
 * are listed only if there is a finding, such as a missing workerSpec.
 */
import { assess } from '../../admission/assess-as-enforced.ts';
import type { Assessment } from '../../admission/assess.ts';
import { Unavailable, type Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { Stock } from '../../fit/stock.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { isMultiNode } from '../../kserve/view.ts';
import type { Run } from '../shared/command.ts';
import { isShort, withFit } from '../planned/fit.ts';
import type { PlannedService } from '../planned/report.ts';
import { outputsOf, writeOutputs } from '../shared/outputs.ts';
import { Progress } from '../shared/progress.ts';
import { Refusal } from '../shared/refusal.ts';
import { releaseInUse } from '../shared/release.ts';
import { apiOf, configOf, exitCode, kserveNamespaceOf } from '../shared/session.ts';
import { addLive } from '../shared/stock.ts';
import { styleOf, type Streams, type Style } from '../shared/streams.ts';
import { findingsOf, isGoing, type Audited } from './audited.ts';
import { FORMATS, type Format } from './formats.ts';
import type { ReportFormat } from './report-kinds.ts';
import { writeInto } from './write.ts';

export const audit: Run = async (given, streams) => {
  const outputs = outputsOf<Format>(given.all('output'), 'text');
  const config = await configOf(given);
  const api = await apiOf(given);
  const { CachedCluster } = await import('../../cluster/cached.ts');
  const cluster = new CachedCluster({
    api,
    kserveNamespace: kserveNamespaceOf(given),
    namespaces: config.namespaces.labels,
  });
  const assessments: Assessment[] = [];
  let release: ReleaseInForce;
  const stock = given.has('fit') ? new Stock() : null;
  let written: string | null = null;
  const reports = given.text('write') as ReportFormat | null;
  const progress = new Progress(streams);
  try {
    await cluster.start(() => {});
    const [trouble] = cluster.notReady();
    if (trouble !== undefined) throw new Refusal(trouble);
    release = await releaseInUse(cluster, config);
    if (cluster.state().some(({ kind, synced }) => kind === 'ConfigMap' && !synced)) {
      streams.stderr.write("KServe's ConfigMap can't be read: its defaults are assumed\n");
    }
    for await (const page of cluster.services(given.text('namespace'))) {
      for (const object of page) {
        const assessment = await judged(object, cluster, config);
        if (isMultiNode(object) || assessment.findings.length > 0) assessments.push(assessment);
      }
      progress.show(() => `${assessments.length} services ...`);
    }
    if (stock !== null) await addLive(stock, api);
    if (reports !== null) written = await writeInto(api, reports, assessments, given.text('namespace'));
  } catch (error) {
    throw error instanceof Unavailable ? new Refusal(`can't list the services: ${error.message}`) : error;
  } finally {
    progress.end();
    cluster.stop();
    api.close();
  }
  const unplaced = assessments.map((assessment) => ({ assessment, change: null, fit: null }));
  const services = stock === null ? unplaced : placed(unplaced, stock);
  const audited = { services, ground: stock && stock.ground(), release };
  // By itself --write prints the totals.
  const isQuiet = written !== null && given.all('output').length === 0;
  await writeOutputs(await documentsOf(audited, isQuiet ? TOTALS : outputs, streams), streams);
  if (written === null)
    return given.has('strict') && isShort(services) ? 1 : exitCode(findingsOf(audited), given);
  streams.stderr.write(`${written}\n`);
  return 0;
};

/** A service that is being deleted has a plan, as its pods are still there, and no findings. */
async function judged(object: unknown, cluster: Cluster, config: Config): Promise<Assessment> {
  const assessment = await assess(object, cluster, config, 'validate');
  return isGoing(assessment) ? { ...assessment, findings: [] } : assessment;
}

/** No pod of a service that is being deleted starts any more, so that there is nothing to forecast. */
function placed(services: readonly PlannedService[], stock: Stock): readonly PlannedService[] {
  const staying = services.filter(({ assessment }) => !isGoing(assessment));
  const fits = new Map(withFit(staying, stock).map((service) => [service.assessment, service]));
  return services.map((service) => fits.get(service.assessment) ?? service);
}

const TOTALS = [{ format: 'totals', path: null }] as const;
const IN_A_FILE: Style = { colour: false, unicode: true };

async function documentsOf(
  audited: Audited,
  outputs: readonly { readonly format: Format; readonly path: string | null }[],
  streams: Streams,
): Promise<readonly { readonly path: string | null; readonly text: string }[]> {
  const documents = [];
  for (const { format, path } of outputs) {
    const style = path === null ? styleOf(streams) : IN_A_FILE;
    documents.push({ path, text: await FORMATS[format](audited, style) });
  }
  return documents;
}
