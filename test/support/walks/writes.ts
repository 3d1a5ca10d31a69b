/**
 * How an edit is written: the file that its hand holds, or a patch; and when headcount can't know what it means.
 */
import { isDeepStrictEqual } from 'node:util';
import { LAST_APPLIED } from '../../../src/kserve/annotations.ts';
import { equalJson } from '../../../src/lib/json.ts';
import type { Loose } from '../../rules/cases.ts';
import { withoutEmptyMaps } from './difference.ts';
import { changed, FIELDS, saysWhatStands, valueIn, type Change } from './fields.ts';
import type { Edit, Hand } from './walk.ts';

/** The files that the hands hold: of apply and replace, of server-side apply, of the other manager. */
export type Files = Record<'client' | 'server' | 'other', Loose>;

export function fileOf(hand: Hand): keyof Files {
  if (hand === 'another manager') return 'other';
  return hand.startsWith('apply --server-side') ? 'server' : 'client';
}

/** Client-side apply and replace say all that their author means; the other ways may say just what we have derived. */
export function isUnknowable({ hand, change, away }: Edit, files: Files, lived: Loose, twin: Loose): boolean {
  if (hand === 'apply' && wasReadBack(lived)) return true;
  if ((hand === 'apply' || hand === 'replace') && !away) return false;
  if (hand === 'another manager' || hand === 'replace' || hand.startsWith('apply')) {
    const { spec, metadata } = changed(files[fileOf(hand)], change);
    // One of two managers that applies an empty workerSpec: see the filter in walk.ts.
    if (hand === 'another manager' && equalJson(spec?.predictor?.workerSpec, {})) return true;
    return saysWhatStands({ spec, metadata: { annotations: metadata.annotations } }, lived, twin, away);
  }
  // It makes an empty workerSpec and owns it: see the filter in walk.ts.
  const isInWorkerSpec = FIELDS[change.field].path[2] === 'workerSpec' && change.field !== 'workerSpec';
  if (isInWorkerSpec && change.value === null && twin?.spec.predictor.workerSpec === undefined) return true;
  // Without headcount such a write changes nothing; with it, it becomes the owner of the value (see FAMILIES in walk.ts).
  const changesNothing = equalJson(valueIn(twin, change.field), change.value);
  if (changesNothing && !equalJson(valueIn(lived, change.field), change.value)) return true;
  return saysWhatStands(mergePatch(FIELDS[change.field].path, change.value), lived, twin, true);
}

/**
 * KServe gives a model `resources: {}`. Once that was read and replaced it stands in last-applied, and the next apply
 * takes the resources out, with headcount or without; the twin knows no KServe.
 */
function wasReadBack(lived: Loose): boolean {
  const manifest = lived?.metadata.annotations?.[LAST_APPLIED];
  return manifest !== undefined && equalJson(JSON.parse(manifest).spec.predictor.model?.resources, {});
}

export function mergePatch([key = '', ...rest]: readonly string[], value: Loose): Loose {
  return { [key]: rest.length === 0 ? value : mergePatch(rest, value) };
}

/** @returns null where the patch could not be applied: there is nothing to take out, or nothing to add to */
export function jsonPatch({ field, value }: Change, twin: Loose): Loose {
  const { path } = FIELDS[field];
  const parent = path.slice(0, -1).reduce((at: Loose, key) => at?.[key], twin);
  if (parent === undefined) return null;
  const pointer = path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  if (value === null) {
    return valueIn(twin, field) === undefined ? null : { op: 'remove', path: pointer };
  }
  return { op: 'add', path: pointer, value };
}

/** What the author has said, of an object as the API server has merged it. */
export function meaning({ metadata, spec }: Loose): Loose {
  const { [LAST_APPLIED]: _file, ...annotations } = metadata.annotations ?? {};
  return { metadata: { annotations, labels: metadata.labels ?? {} }, spec };
}

/** Annotations that headcount reads: a change of another one is not judged. */
const JUDGED = /^(?:serving\.kserve\.io\/|headcount\.dev\/)/;

export function judgedPart(meant: Loose): Loose {
  const annotations = Object.entries(meant?.metadata.annotations ?? {});
  return {
    spec: meant?.spec,
    annotations: Object.fromEntries(annotations.filter(([key]) => JUDGED.test(key))),
  };
}

/**
 * Does an edit change what headcount judges? A worker count that moves from requests to limits, or back, is stored as it
 * was, with the record as it was; so is an empty map that comes or goes while our values are in it (settled.ts).
 */
export function isJudgedAnew(meant: Loose, before: Loose): boolean {
  return !isDeepStrictEqual(inBoth(judgedPart(meant)), inBoth(judgedPart(before)));
}

/** The worker's GPUs in requests and in limits, where they are in one of them. */
function inBoth(judged: Loose): Loose {
  const part = withoutEmptyMaps(judged);
  for (const container of part.spec?.predictor.workerSpec?.containers ?? []) {
    const { requests = {}, limits = {}, ...others } = container.resources ?? {};
    const gpus = Object.fromEntries(
      Object.entries({ ...limits, ...requests }).filter(([type]) => type.endsWith('/gpu')),
    );
    if (Object.keys(gpus).length === 0) continue;
    container.resources = { ...others, requests: { ...gpus, ...requests }, limits: { ...gpus, ...limits } };
  }
  return part;
}
