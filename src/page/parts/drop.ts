/** Files that are dropped on the page: a model's config.json, or manifests. */
import { useEffect } from 'preact/hooks';
import type { State } from '../core/state.ts';

/** @param change gets the file's text as the model, if it is JSON without a kind, and else as the manifest */
export function useDrop(change: (part: Partial<State>) => void): void {
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      document.body.classList.add('dropping');
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) document.body.classList.remove('dropping');
    };
    const drop = (event: DragEvent): void => {
      document.body.classList.remove('dropping');
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      void file.text().then((text) => change(isModel(text) ? { modelConfig: text } : { manifest: text }));
    };
    // In the capturing phase: the editor would insert the file's text.
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop, true);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop, true);
    };
  }, [change]);
}

/** A config.json may hold NaN, which is no JSON: so it is not parsed here. */
function isModel(text: string): boolean {
  return /^\s*\{/.test(text) && !/"kind"\s*:/.test(text);
}
