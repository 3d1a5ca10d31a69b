/** What is judged beside the manifest: runtimes and claims, the model; and the form that writes a manifest. */
import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { InputsProps } from './props.ts';
import { CATALOG_NAME } from '../core/verdict.ts';
import { CatalogField } from './catalog-field.tsx';
import { ModelFields } from './model-fields.tsx';
import { SuggestForm } from './suggest-form.tsx';

const PANELS = {
  catalog: ['Runtimes and claims', CatalogField],
  model: ['Model', ModelFields],
  suggest: ['Suggest', SuggestForm],
} as const;
type Panel = keyof typeof PANELS;

export function Inputs(props: InputsProps): JSX.Element {
  const [open, setOpen] = useState<Panel | null>(null);
  const told = toldOf(props);
  const [title, Body] = open === null ? ['', null] : PANELS[open];
  return (
    <div class="inputs">
      <div class="panels">
        {(Object.keys(PANELS) as Panel[]).map((panel) => (
          <button
            key={panel}
            type="button"
            aria-expanded={open === panel}
            aria-controls="panel"
            onClick={() => setOpen(open === panel ? null : panel)}
          >
            {PANELS[panel][0]}
            {told[panel] !== '' && <span class={told[panel] === '!' ? 'wrong' : 'given'}>{told[panel]}</span>}
          </button>
        ))}
      </div>
      <div id="panel" class="panel" role="region" aria-label={title} hidden={Body === null}>
        {Body !== null && <Body {...props} />}
      </div>
    </div>
  );
}

/** Beside each button: is there something in it, and is it wrong? */
function toldOf({ state, verdict, preloaded }: InputsProps): Readonly<Record<Panel, string>> {
  const broken = verdict.plan.value?.unreadable.some(({ file }) => file === CATALOG_NAME) === true;
  const kinds = state.catalog.match(/^[ \t]*"?kind"?:/gm)?.length ?? 0;
  const objects = kinds + preloaded.objects.length;
  return {
    catalog: broken ? '!' : objects === 0 ? '' : String(objects),
    model: verdict.modelProblem !== '' ? '!' : state.modelConfig === '' ? '' : '1',
    suggest: '',
  };
}
