/** The model that is served, and the memory of a GPU: as --model-config and --gpu-memory. */
import type { JSX } from 'preact';
import { visibleLine } from '../../lib/text.ts';
import { weightsOf, weightsText } from '../../vllm/weights.ts';
import { factsIn } from '../../cli/shared/model-text.ts';
import { Refusal } from '../../cli/shared/refusal.ts';
import type { InputsProps } from './props.ts';

export function ModelFields({ state, verdict, change }: InputsProps): JSX.Element {
  return (
    <>
      <p class="hint">
        The model’s <code>config.json</code> (Hugging Face), dropped anywhere on the page or chosen here: can
        vLLM split it so, and do its weights fit?
      </p>
      <p class="row">
        <label>
          config.json
          <input
            type="file"
            accept=".json,application/json"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              void file?.text().then((modelConfig) => change({ modelConfig }));
            }}
          />
        </label>
        <label>
          GPU memory
          <input
            size={8}
            placeholder="80Gi"
            value={state.gpuMemory}
            onInput={({ currentTarget }) => change({ gpuMemory: currentTarget.value })}
          />
        </label>
        {state.modelConfig !== '' && (
          <button type="button" onClick={() => change({ modelConfig: '' })}>
            Remove the model
          </button>
        )}
      </p>
      {state.modelConfig !== '' && <p class="facts">{factsText(state.modelConfig)}</p>}
      {verdict.modelProblem !== '' && (
        <p class="problem" role="alert">
          {verdict.modelProblem}
        </p>
      )}
    </>
  );
}

/** @returns one line about the model; '' for a text that is none, of which the verdict tells */
function factsText(modelConfig: string): string {
  try {
    const model = factsIn(modelConfig, 'config.json');
    const weights = weightsOf(model);
    const size = weights === null ? 'its memory can’t be told from it' : weightsText(model, weights);
    return visibleLine(`${model.architecture}: ${size}`);
  } catch (error) {
    if (error instanceof Refusal) return '';
    throw error;
  }
}
