/** `headcount suggest` as a form: the shapes for a model and a type of node, each of which fills the editor. */
import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { count } from '../../cli/shared/finding-text.ts';
import { factsIn, gpuMemoryIn } from '../../cli/shared/model-text.ts';
import { Refusal } from '../../cli/shared/refusal.ts';
import { blockYaml, PLAIN_STYLE } from '../../cli/shared/yaml-write.ts';
import { manifestOf } from '../../cli/suggest/manifest.ts';
import type { SuggestReport } from '../../cli/suggest/report.ts';
import { gpusIn, suggested } from '../../cli/suggest/suggested.ts';
import { reasonsFor, warningsFor } from '../../cli/suggest/text.ts';
import type { State } from '../core/state.ts';
import type { InputsProps } from './props.ts';
import { ModelFields } from './model-fields.tsx';

interface Wishes {
  readonly gpus: string;
  readonly name: string;
  readonly storageUri: string;
}

export function SuggestForm(props: InputsProps): JSX.Element {
  const { state, change } = props;
  const [wishes, setWishes] = useState<Wishes>({ gpus: '8', name: '', storageUri: '' });
  const set =
    (key: keyof Wishes) =>
    ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      setWishes({ ...wishes, [key]: currentTarget.value });
  return (
    <>
      <ModelFields {...props} />
      <p class="row">
        <label>
          GPUs of a node
          <input inputMode="numeric" size={3} value={wishes.gpus} onInput={set('gpus')} />
        </label>
        <label>
          Name
          <input size={12} placeholder="the model’s" value={wishes.name} onInput={set('name')} />
        </label>
        <label>
          storageUri
          <input
            size={20}
            placeholder="pvc://models/NAME"
            value={wishes.storageUri}
            onInput={set('storageUri')}
          />
        </label>
      </p>
      <Shapes outcome={suggestedBy(state, wishes)} fill={(manifest) => change({ manifest })} />
    </>
  );
}

/** @returns the report, or one line about what is missing or wrong */
function suggestedBy(state: State, { gpus, name, storageUri }: Wishes): SuggestReport | string {
  if (state.modelConfig === '' || state.gpuMemory === '') {
    return 'Give the model’s config.json and the memory of a GPU.';
  }
  try {
    return suggested({
      model: factsIn(state.modelConfig, 'config.json'),
      file: 'config.json',
      node: { gpus: gpusIn(gpus.trim()), gpuMemory: gpuMemoryIn(state.gpuMemory.trim()) },
      name: name.trim() || null,
      storageUri: storageUri.trim() || null,
      version: state.version,
    });
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

interface ShapesProps {
  readonly outcome: SuggestReport | string;
  readonly fill: (manifest: string) => void;
}

function Shapes({ outcome, fill }: ShapesProps): JSX.Element {
  if (typeof outcome === 'string') return <p class="hint">{outcome}</p>;
  if (outcome.shapes.length === 0) return <p class="problem">No shape fits.</p>;
  return (
    <ol class="shapes">
      {outcome.shapes.map((shape) => {
        const { tensorParallelSize: tp, pipelineParallelSize: pp, gpus, nodes } = shape;
        return (
          <li key={`${tp} ${pp}`}>
            <strong>
              TP {tp} x PP {pp} = {count(gpus, 'GPU')} on {count(nodes, 'node')}
            </strong>
            <button
              type="button"
              aria-label={`Write the manifest of TP ${tp} x PP ${pp}`}
              onClick={() => fill(`${blockYaml(manifestOf(shape, outcome), PLAIN_STYLE)}\n`)}
            >
              Write the manifest
            </button>
            <ul>
              {warningsFor(shape, outcome).map((warning) => (
                <li key={warning} class="warn">
                  {warning}
                </li>
              ))}
              {reasonsFor(shape, outcome.model).map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </li>
        );
      })}
    </ol>
  );
}
