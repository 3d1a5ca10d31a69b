/**
 * The twin of a service: of a kind with KServe's schema, under a group that neither headcount nor KServe looks at. What
 * is written on the service is written on the twin too, so that the API server itself keeps in it which hand last said
 * what: it is what the author means.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { Loose } from '../rules/cases.ts';
import { kserveCrds } from './cluster/kserve.ts';
import type { World } from './world.ts';

const GROUP = 'author.example.com';
/** The kind as kubectl is told it. */
export const TWINS = `inferenceservices.${GROUP}`;

/** Installs the kind of the twins. */
export async function installTwins(world: World): Promise<void> {
  const all = parseAllDocuments(kserveCrds()).map((document) => document.toJS());
  const crd = all.find((found) => found?.spec.names.kind === 'InferenceService');
  crd.metadata = { name: TWINS };
  crd.spec.group = GROUP;
  crd.spec.names = { ...crd.spec.names, shortNames: [] };
  await world.must(['create', '-f', '-'], crd);
  while ((await world.kubectl(['get', TWINS, '-A'])).code !== 0) await sleep(100);
}

/** @returns null where there is none */
export async function twinOf(world: World, name: string): Promise<Loose> {
  const path = `/apis/${GROUP}/v1beta1/namespaces/team/inferenceservices/${name}`;
  const { status, body } = await world.cluster.call('GET', path);
  return status === 404 ? null : body;
}

export const asTwin = (object: Loose): Loose => ({ ...object, apiVersion: `${GROUP}/v1beta1` });
export const asKServe = (object: Loose): Loose => ({
  ...object,
  apiVersion: 'serving.kserve.io/v1beta1',
});
