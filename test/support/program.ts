/** The program under test: the sources, or what HEADCOUNT_PROGRAM names, such as the bundle. */
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
export const PROGRAM = resolve(ROOT, process.env['HEADCOUNT_PROGRAM'] ?? 'src/main.ts');
