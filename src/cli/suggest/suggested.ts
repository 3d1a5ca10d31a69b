/** The shapes for a model and a type of node, from what the user states of them. */
import { releaseInForce, type KServeVersion } from '../../kserve/installed.ts';
import { protocolsOf, type Release } from '../../kserve/releases.ts';
import { claimName, parseStorageUri } from '../../kserve/storage.ts';
import type { ModelFacts } from '../../vllm/facts.ts';
import { shapesFor, type NodeType } from '../../vllm/shapes.ts';
import { weightsOf } from '../../vllm/weights.ts';
import { Refusal, UsageError } from '../shared/refusal.ts';
import { checkName, nameFor } from './manifest.ts';
import type { SuggestReport } from './report.ts';

const NO_CLUSTER = { status: 'unread', why: 'no cluster is asked' } as const;
/** No node has more, and each is tried. */
const MOST_GPUS = 64;

export interface Wish {
  readonly model: ModelFacts;
  /** The file that the model was read from, for errors. */
  readonly file: string;
  readonly node: NodeType;
  /** null takes the model's. */
  readonly name: string | null;
  /** null takes a path that is made of the name. */
  readonly storageUri: string | null;
  readonly version: KServeVersion | null;
}

/**
 * @throws UsageError for a name or a storageUri that KServe would refuse
 * @throws Refusal for a model whose memory can't be told
 */
export function suggested({ model, file, node, name, storageUri, version }: Wish): SuggestReport {
  if (name !== null) checkName(name);
  const { release } = releaseInForce(version ?? 'auto', NO_CLUSTER);
  if (storageUri !== null && !isStorage(storageUri, release))
    throw new UsageError(
      `--storage-uri ${storageUri}: write pvc://CLAIM/PATH, with CLAIM in lower-case letters, digits, - and .: a multi-node service loads its model from a claim`,
    );
  const weights = weightsOf(model);
  if (weights === null) {
    throw new Refusal(`${file}: how much memory ${model.architecture} takes can't be told from it`);
  }
  return {
    model,
    weights,
    node,
    release,
    ...shapesFor(model, weights, node),
    service: { name: name ?? nameFor(model), storageUri },
  };
}

/** Does KServe take it for several nodes? Its oci:// is one that the configuration of headcount may admit. */
function isStorage(storageUri: string, release: Release): boolean {
  const uri = parseStorageUri(storageUri);
  if (uri === null || !protocolsOf(release, ['pvc', 'oci']).includes(uri.protocol)) return false;
  return uri.protocol === 'pvc' ? claimName(storageUri) !== null : uri.rest !== '';
}

/** @throws UsageError */
export function gpusIn(text: string): number {
  const gpus = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (gpus < 1 || gpus > MOST_GPUS) {
    throw new UsageError(`--gpus-per-node ${text} is no whole number from 1 to ${MOST_GPUS}`);
  }
  return gpus;
}
