/** The page: what is judged on the left, the verdict on the right. */
import { useCallback, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { STDIN_NAME } from '../../cli/shared/items.ts';
import type { Editor, Mark } from '../editor/editor.ts';
import { ManifestEditor } from './manifest-editor.tsx';
import { Results } from './results.tsx';
import { Inputs } from './inputs.tsx';
import { TopBar } from './top-bar.tsx';
import type { Verdict } from '../core/verdict.ts';
import type { AppProps } from './props.ts';
import { useDrop } from './drop.ts';

export function App({ state, verdict, bug, preloaded, change, linkOf }: AppProps): JSX.Element {
  const editor = useRef<Editor | null>(null);
  const goTo = useCallback((line: number, column: number) => editor.current?.goTo(line, column), []);
  useDrop(change);
  return (
    <>
      <TopBar state={state} change={change} linkOf={linkOf} />
      <main>
        <section class="left" aria-label="Input">
          <Inputs state={state} verdict={verdict} preloaded={preloaded} change={change} />
          <ManifestEditor
            text={state.manifest}
            marks={marksOf(verdict)}
            onChange={(manifest) => change({ manifest })}
            editor={editor}
          />
        </section>
        <section class="right" aria-label="Plan and findings" tabIndex={0}>
          {bug !== '' && (
            <p class="bug" role="alert">
              headcount has an internal error, and shows an earlier verdict: {bug}
            </p>
          )}
          <Results state={state} verdict={verdict} goTo={goTo} />
        </section>
      </main>
      <footer>
        <p>
          Nothing leaves this machine: the page’s Content-Security-Policy forbids every connection. What you
          type is only in the address after <code>#</code>, which no browser sends.
        </p>
        <p>headcount {VERSION}</p>
      </footer>
    </>
  );
}

/** The findings about the manifest; those about the other field have no line in it. */
function marksOf({ lint }: Verdict): readonly Mark[] {
  const objects = lint.value?.objects.filter(({ file }) => file === STDIN_NAME) ?? [];
  return objects.flatMap(({ findings }) =>
    findings.map(({ place, severity, rule, message, fix }) => ({ place, severity, rule, message, fix })),
  );
}
