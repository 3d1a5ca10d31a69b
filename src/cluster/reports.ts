/**
 * Reports in a cluster, for policy tools: one of a namespace, under one name, so that the right to write them is a right
 * to objects of that name. They are applied on the server, so a report that says the same as before is not written.
 */
import { asObject, asString, at } from '../lib/json.ts';
import { ApiError } from './answer.ts';
import type { Api } from './api.ts';

/** The name of every report. */
export const REPORT_NAME = 'headcount';
/** Marks a report as ours. */
export const REPORT_LABELS = { 'app.kubernetes.io/managed-by': 'headcount' };

/** A kind of report, as its API has it. */
export interface ReportKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

export interface Report extends Omit<ReportKind, 'plural'> {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface Written {
  readonly written: number;
  /** Reports of namespaces that have none any more. */
  readonly removed: number;
  /** Why a report could not be written or removed, one line each. */
  readonly failures: readonly string[];
}

const NOT_FOUND = 404;

/**
 * Makes the reports of the cluster those that are given: applies each, and deletes ours of other namespaces.
 * @param namespace the only one that was looked at; null for all
 * @throws ApiError where the reports that are there can't be listed; its status is 404 where the cluster has no such kind
 */
export async function writeReports(
  api: Api,
  { apiVersion, plural }: ReportKind,
  reports: readonly Report[],
  namespace: string | null,
): Promise<Written> {
  const of = (one: string): string => `/apis/${apiVersion}/namespaces/${encodeURIComponent(one)}/${plural}`;
  const given = new Set(reports.map(({ metadata }) => metadata.namespace));
  const list = namespace === null ? `/apis/${apiVersion}/${plural}` : of(namespace);
  const stale = (await ourNamespaces(api, list)).filter((one) => !given.has(one));
  const failures: string[] = [];
  const done = async (one: string, write: (path: string) => Promise<unknown>): Promise<number> => {
    try {
      await write(`${of(one)}/${REPORT_NAME}`);
      return 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A namespace that is gone needs no report.
      if (error.status !== NOT_FOUND) failures.push(`namespace ${one}: ${error.message}`);
      return 0;
    }
  };
  let written = 0;
  for (const report of reports)
    written += await done(report.metadata.namespace, (path) => api.apply(path, report));
  let removed = 0;
  for (const one of stale) removed += await done(one, (path) => api.delete(path));
  return { written, removed, failures };
}

/** @returns the namespaces that have a report of ours */
async function ourNamespaces(api: Api, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { items } of api.pages(path, { fieldSelector: `metadata.name=${REPORT_NAME}` })) {
    for (const item of items) {
      const labels = asObject(at(item, 'metadata', 'labels')) ?? {};
      const isOurs = Object.entries(REPORT_LABELS).every(([key, value]) => labels[key] === value);
      const namespace = asString(at(item, 'metadata', 'namespace'));
      if (isOurs && namespace !== null) found.push(namespace);
    }
  }
  return found;
}
