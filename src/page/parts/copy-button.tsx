/** Puts a text into the clipboard. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Milliseconds that the outcome is shown. */
const SHOWN = 2_000;

interface Props {
  /** Asked for when the button is pressed. */
  readonly text: () => string | Promise<string>;
  /** On the button. */
  readonly words: string;
  /** For screen readers, such as `Copy the stored manifest`. */
  readonly label?: string;
}

export function CopyButton({ text, words, label = words }: Props): JSX.Element {
  const [told, setTold] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(await text());
      setTold('copied');
    } catch {
      // Without permission, and in a page that came over plain HTTP from another machine.
      setTold('the browser forbids it');
    }
    setTimeout(() => setTold(''), SHOWN);
  };
  return (
    <span class="copy">
      <button type="button" aria-label={label} onClick={() => void copy()}>
        {words}
      </button>
      <span role="status">{told}</span>
    </span>
  );
}
