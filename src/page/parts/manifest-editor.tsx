/** The manifest: a text area from the first paint on, and the editor once its script has come. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Editor, Mark } from '../editor/editor.ts';

interface Props {
  readonly text: string;
  readonly marks: readonly Mark[];
  readonly onChange: (text: string) => void;
  /** Filled with the editor, for those who move in it. */
  readonly editor: RefObject<Editor | null>;
}

export function ManifestEditor({ text, marks, onChange, editor }: Props): JSX.Element {
  const [isLoaded, setLoaded] = useState(window.headcountEditor !== undefined);
  useEffect(() => {
    const loaded = (): void => setLoaded(window.headcountEditor !== undefined);
    window.addEventListener('headcount-editor', loaded);
    return () => window.removeEventListener('headcount-editor', loaded);
  }, []);
  return (
    <div class="manifest">
      <h2 id="manifest-label">Manifest</h2>
      {isLoaded ? (
        <CodeEditor text={text} marks={marks} onChange={onChange} editor={editor} />
      ) : (
        <textarea
          class="plain-editor"
          aria-labelledby="manifest-label"
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </div>
  );
}

function CodeEditor({ text, marks, onChange, editor }: Props): JSX.Element {
  const parent = useRef<HTMLDivElement>(null);
  // The editor lives longer than one rendering, and calls the newest.
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    const created =
      parent.current &&
      window.headcountEditor?.createEditor(parent.current, 'Manifest', text, (now) => latest.current(now));
    editor.current = created ?? null;
    return () => created?.destroy();
  }, []);
  useEffect(() => editor.current?.setText(text), [text]);
  useEffect(() => editor.current?.setMarks(marks), [marks]);
  return <div class="code-editor" ref={parent} />;
}
