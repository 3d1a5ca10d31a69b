/** The folders with test data of others, for tests and for programs that run outside of Jest. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** KServe's own files. */
export const KSERVE = process.env['HEADCOUNT_KSERVE_DIR'] ?? join(ROOT, '../shared/kserve');
/** Captured reviews. */
export const REVIEWS = process.env['HEADCOUNT_REVIEWS_DIR'] ?? join(ROOT, '../shared/reviews');
