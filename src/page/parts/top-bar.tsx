/** The bar above: examples, KServe's release, the link. */
import type { JSX } from 'preact';
import { DEFAULT_RELEASE } from '../../kserve/releases.ts';
import type { AppProps } from './props.ts';
import { EMPTY, versionNamed, VERSIONS } from '../core/state.ts';
import { CopyButton } from './copy-button.tsx';
import { Logo } from './logo.tsx';

export function TopBar({
  state,
  change,
  linkOf,
}: Pick<AppProps, 'state' | 'change' | 'linkOf'>): JSX.Element {
  const example = EXAMPLES.find(({ manifest }) => manifest === state.manifest);
  return (
    <header>
      <h1>
        <Logo />
        headcount
        <span class="tagline">exactly one head, every GPU counted</span>
      </h1>
      <div class="controls">
        <label>
          Example
          <select
            value={example?.id ?? ''}
            onChange={({ currentTarget }) => {
              const chosen = EXAMPLES.find(({ id }) => id === currentTarget.value);
              if (chosen) change({ ...EMPTY, manifest: chosen.manifest, catalog: chosen.catalog });
            }}
          >
            {example === undefined && <option value="">your own</option>}
            {EXAMPLES.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          KServe
          <select
            value={state.version}
            onChange={({ currentTarget }) => change({ version: versionNamed(currentTarget.value) })}
          >
            {VERSIONS.map((version) => (
              <option key={version} value={version}>
                {version === 'auto' ? `auto (${DEFAULT_RELEASE.name})` : version}
              </option>
            ))}
          </select>
        </label>
        <CopyButton text={linkOf} words="Copy link" />
      </div>
    </header>
  );
}
