/**
 * The manifest by which krew installs `kubectl headcount`. Its archive is the npm package: the same files, of which
 * kubectl runs dist/bundle/kubectl-headcount.js through its first line, so that Node has to be on the PATH.
 */
import { blockYaml, PLAIN_STYLE } from '../../src/cli/shared/yaml-write.ts';

/**
 * @param version as in package.json
 * @param uri where the archive can be had
 * @param sha256 of the archive, in hex
 * @returns YAML
 */
export function krewManifest(version: string, uri: string, sha256: string): string {
  const manifest = blockYaml(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'headcount' },
      spec: {
        version: `v${version}`,
        homepage: 'https://github.com/headcount-dev/headcount',
        shortDescription: 'Plan and lint KServe multi-node services',
        description:
          'Counts the pods and GPUs of KServe multi-node InferenceServices, says which would not start and why, and\n' +
          'audits those of a cluster. Works on files, and on services as a cluster holds them.\n',
        caveats: 'Needs Node 22 or later on the PATH.',
        platforms: [
          {
            selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['darwin', 'linux'] }] },
            uri,
            sha256,
            files: [{ from: 'package/*', to: '.' }],
            bin: 'dist/bundle/kubectl-headcount.js',
          },
        ],
      },
    },
    PLAIN_STYLE,
    (key) => key === 'description',
  );
  return `${manifest}\n`;
}
