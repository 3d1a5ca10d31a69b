/**
 * KServe's real CRDs where they are beside the repository, else the repository's own minimal ones, which
 * accept the same objects without knowing their fields.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const REAL = join(process.env['HEADCOUNT_KSERVE_DIR'] ?? join(ROOT, '../shared/kserve'), 'crds');
const MINIMAL = join(ROOT, 'test/e2e/cluster/minimal-crds.yaml');

/** Are KServe's own CRDs at hand? */
const HAS_REAL_CRDS = existsSync(REAL);

/** @returns YAML documents */
export function crds(): string {
  if (HAS_REAL_CRDS) {
    return readdirSync(REAL)
      .map((name) => readFileSync(join(REAL, name), 'utf8'))
      .join('\n---\n');
  }
  console.warn(`NOT CHECKED against KServe's own CRDs, because ${REAL} is absent: minimal ones are used`);
  return readFileSync(MINIMAL, 'utf8');
}
