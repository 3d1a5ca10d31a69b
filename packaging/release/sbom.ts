/**
 * The bill of materials of the bundle, as CycloneDX: what npm knows of the packages that are in it. Scanners of images see
 * no package in a bundle. Run: npm run sbom
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundle } from '../bundle.ts';
import { thirdParties } from '../third-party.ts';

const ROOT = join(import.meta.dirname, '../..');
/** All that npm prints of a package-lock.json. */
const MOST = 64 * 1024 ** 2;

/** The parts of CycloneDX that are read here. */
interface Bom {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
  readonly components: readonly { readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * @param metafile what esbuild has put into the bundle
 * @returns JSON
 */
export function sbom(metafile: Pick<Metafile, 'outputs'>): string {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'];
  const bom = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: MOST })) as Bom;
  const shipped = new Set([
    bom.metadata.component['bom-ref'],
    ...thirdParties(metafile).map(({ name, version }) => `${name}@${version}`),
  ]);
  const components = bom.components.filter((component) => shipped.has(component['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => shipped.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) }));
  return `${JSON.stringify({ ...bom, components, dependencies }, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const directory = mkdtempSync(join(tmpdir(), 'headcount-sbom-'));
  process.stdout.write(sbom(await bundle(directory)));
  rmSync(directory, { recursive: true });
}
