/** The field of runtimes, claims and the like: what the cluster holds. */
import type { JSX } from 'preact';
import { BUILTIN_RUNTIME } from '../../cluster/builtin-runtime.ts';
import { blockYaml, PLAIN_STYLE } from '../../cli/shared/yaml-write.ts';
import { RED_HAT_RUNTIME } from '../core/red-hat-runtime.ts';
import { CATALOG_NAME } from '../core/verdict.ts';
import type { InputsProps } from './props.ts';

const BUILT_IN = [
  ['KServe’s default runtime', BUILTIN_RUNTIME],
  ['Red Hat’s vLLM runtime', RED_HAT_RUNTIME],
] as const;

export function CatalogField({ state, verdict, preloaded, change }: InputsProps): JSX.Element {
  const broken = verdict.plan.value?.unreadable.find(({ file }) => file === CATALOG_NAME);
  return (
    <>
      <p class="hint">
        What the cluster holds: runtimes, claims, namespaces, KServe’s ConfigMap. Without any, an unknown
        runtime is planned as KServe’s default one, and claims are not checked. With nodes, pods and quotas (
        <code>kubectl get nodes,pods,resourcequotas -A -o json</code>) the plan says whether there is room.
        {preloaded.from !== '' &&
          ` From ${preloaded.from}: ${preloaded.objects.length} objects; links don’t hold them.`}
      </p>
      <p class="row">
        Add
        {BUILT_IN.map(([name, runtime]) => (
          <button
            key={name}
            type="button"
            onClick={() => change({ catalog: withDocument(state.catalog, blockYaml(runtime, PLAIN_STYLE)) })}
          >
            {name}
          </button>
        ))}
        {state.catalog !== '' && (
          <button type="button" onClick={() => change({ catalog: '' })}>
            Clear
          </button>
        )}
      </p>
      <textarea
        aria-label="Runtimes and claims, as YAML"
        aria-invalid={broken !== undefined}
        rows={10}
        spellcheck={false}
        value={state.catalog}
        onInput={({ currentTarget }) => change({ catalog: currentTarget.value })}
      />
      {broken && (
        <p class="problem" role="alert">
          {broken.message}
        </p>
      )}
    </>
  );
}

function withDocument(catalog: string, document: string): string {
  return catalog.trim() === '' ? `${document}\n` : `${catalog.trimEnd()}\n---\n${document}\n`;
}
