/**
 * KServe's own files and captured reviews, read where they are: beside the repository, or where
 * HEADCOUNT_KSERVE_DIR and HEADCOUNT_REVIEWS_DIR say. They are test data of others and not copied here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { parse } from 'yaml';
import { KSERVE, REVIEWS } from './folders.ts';
import type { Loose } from '../rules/cases.ts';

/** Registers a test that needs these files; without them Jest reports it as skipped, and the reason is printed. */
export function testWithShared(name: string, body: () => void | Promise<void>): void {
  const missing = [KSERVE, REVIEWS].filter((folder) => !existsSync(folder));
  if (missing.length === 0) test(name, body);
  else {
    console.warn(`NOT CHECKED, because ${missing.join(', ')} is absent: ${name}`);
    test.skip(name, body);
  }
}

/** KServe's default multi-node runtime. */
export function shippedRuntime(): Loose {
  return parse(readFileSync(join(KSERVE, 'kserve-huggingfaceserver-multinode.yaml'), 'utf8'));
}

/** A captured AdmissionReview, such as `mutating/update-client-side-apply`. */
export function capturedReview(name: string): Loose {
  return JSON.parse(readFileSync(join(REVIEWS, `${name}.json`), 'utf8'));
}

/** What KServe's controller made of one service on one runtime. */
export interface ObservedEntry {
  readonly name: string;
  readonly runtime: Loose;
  readonly inferenceService: Loose;
  readonly deployed: Loose;
}

/** 50 pairs of runtime and service with what KServe 0.19.0 deployed for them, without headcount. */
export function observedDeployments(): readonly ObservedEntry[] {
  const entries: readonly ObservedEntry[] = JSON.parse(readFileSync(join(KSERVE, 'observed.json'), 'utf8'));
  if (entries.length < 50) throw new Error(`observed.json has ${entries.length} entries, of 50`);
  return entries;
}

/** One manifest, and what KServe 0.19.0's own packages made of it. */
export interface RecordedCase {
  readonly name: string;
  /** The service, its runtimes and its claims. */
  readonly docs: readonly Loose[];
  readonly kserve: {
    readonly webhook?: string;
    readonly error?: string;
    readonly panic?: string;
    readonly deployments: Loose;
    readonly services: readonly string[] | null;
  };
}

/** 123 manifests at the edges of what KServe takes. */
export function recordedCases(): readonly RecordedCase[] {
  return JSON.parse(readFileSync(join(KSERVE, 'cases.json'), 'utf8'));
}
