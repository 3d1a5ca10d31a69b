/** `headcount review`: an AdmissionReview in, the webhook's answer out. */
import { admit } from '../../admission/admit.ts';
import type { AdmissionRequest, Decision, Phase } from '../../admission/decision.ts';
import { BODY_LIMIT, decodeReview } from '../../server/review/decode.ts';
import { encodeRefusal, encodeReview } from '../../server/review/encode.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/config.ts';
import { asObject, at, equalJson, property } from '../../lib/json.ts';
import { applyPatch } from '../../mutation/apply-patch.ts';
import type { Run } from '../shared/command.ts';
import { textOf } from '../shared/files.ts';
import { Refusal } from '../shared/refusal.ts';
import { releaseInUse } from '../shared/release.ts';
import { clusterOf, configOf, sourceOf } from '../shared/session.ts';
import { readDocuments } from '../shared/yaml.ts';

export const review: Run = async (given, { stdin, stdout }) => {
  const [file = '-'] = given.files;
  const config = await configOf(given);
  const cluster = await clusterOf(given);
  await releaseInUse(cluster, config);
  const body = bodyOf(await textOf(file, stdin), sourceOf(given));
  const { uid, request, refused } = decodeReview(body, body.length <= BODY_LIMIT);
  const show = (answered: unknown): unknown => stdout.write(`${JSON.stringify(answered, null, 2)}\n`);
  if (request === null) {
    if (uid === null) throw new Refusal(`${sourceOf(given)}: ${refused.message}`);
    show(JSON.parse(encodeRefusal(uid, refused)));
    return 1;
  }
  const answers = await answer(given.text('endpoint') ?? 'validate', request, cluster, config);
  const encoded = Object.entries(answers).map(([phase, { decision, judged }]): [string, unknown] => [
    phase,
    JSON.parse(encodeReview(decision, judged, phase as Phase)),
  ]);
  const isBoth = given.text('endpoint') === 'both';
  show(isBoth ? Object.fromEntries(encoded) : encoded[0]?.[1]);
  return Object.values(answers).every(({ decision }) => decision.outcome === 'allow') ? 0 : 1;
};

interface Answer {
  readonly decision: Decision;
  readonly judged: AdmissionRequest;
}

async function answer(
  endpoint: string,
  request: AdmissionRequest,
  cluster: Cluster,
  config: Config,
): Promise<{ mutate?: Answer; validate?: Answer }> {
  const ask = async (phase: Phase, judged: AdmissionRequest): Promise<Answer> => ({
    decision: await admit(phase, judged, cluster, config),
    judged,
  });
  if (endpoint === 'validate') return { validate: await ask('validate', request) };
  const mutate = await ask('mutate', request);
  if (endpoint === 'mutate') return { mutate };
  // The API server asks no further once a webhook has refused.
  if (mutate.decision.outcome !== 'allow') return { mutate };
  return { mutate, validate: await ask('validate', patchedRequest(mutate)) };
}

/** The request as the API server makes it after the mutating phase: patched, and with its generation. */
function patchedRequest({ decision, judged }: Answer): AdmissionRequest {
  const { object, oldObject } = judged;
  const patched = applyPatch(object, decision.outcome === 'allow' ? decision.patch : []);
  const metadata = asObject(property(patched, 'metadata'));
  if (metadata === null) return { ...judged, object: patched };
  const stored = Number(at(oldObject, 'metadata', 'generation') ?? 0);
  const changed = oldObject === null || !equalJson(property(patched, 'spec'), property(oldObject, 'spec'));
  const generation = stored + (changed ? 1 : 0);
  return { ...judged, object: { ...asObject(patched), metadata: { ...metadata, generation } } };
}

/** JSON goes in as it is, so that what the webhook refuses in a body is refused here as well. */
function bodyOf(text: string, source: string): Uint8Array {
  if (/^\s*\{/.test(text)) return Buffer.from(text);
  const { documents, error } = readDocuments(text, source);
  if (error !== null) throw new Refusal(error.text);
  if (documents.length !== 1) {
    throw new Refusal(`${source}: one AdmissionReview expected, ${documents.length} documents found`);
  }
  return Buffer.from(JSON.stringify(documents[0]?.value));
}
