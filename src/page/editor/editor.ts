/**
 * The editor of the manifest: CodeMirror with a gutter of findings. A script of its own, since the page works before it
 * has come.
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { Place } from '../../cli/shared/yaml.ts';
import type { Severity } from '../../rules/rule.ts';
import { HIGHLIGHTING, THEME } from './theme.ts';

/** A finding at its place in the text. */
export interface Mark {
  readonly place: Place;
  readonly severity: Severity;
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

export interface Editor {
  /** Does nothing where the text is this one already. */
  readonly setText: (text: string) => void;
  readonly setMarks: (marks: readonly Mark[]) => void;
  /** Puts the cursor there, and shows it. */
  readonly goTo: (line: number, column: number) => void;
  readonly destroy: () => void;
}

/**
 * @param label for screen readers
 * @param onChange called with the text after each change by the user
 */
export type EditorFactory = (
  parent: HTMLElement,
  label: string,
  text: string,
  onChange: (text: string) => void,
) => Editor;

export const createEditor: EditorFactory = (parent, label, text, onChange) => {
  let isOurs = false;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of('  '),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        // Tab leaves the editor, as in every other field: who has only a keyboard must get out.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
        yaml(),
        syntaxHighlighting(HIGHLIGHTING),
        THEME,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !isOurs) onChange(textOf(update.state.doc));
        }),
      ],
    }),
  });
  return {
    setText: (now) => {
      if (textOf(view.state.doc) === now) return;
      isOurs = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now } });
      isOurs = false;
    },
    setMarks: (marks) => {
      const { doc } = view.state;
      view.dispatch(
        setDiagnostics(
          view.state,
          marks.map((mark) => diagnosticOf(mark, doc)),
        ),
      );
    },
    goTo: (line, column) => {
      const anchor = offsetOf(view.state.doc, line, column);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
};

/** The text with the line ends of the document. */
function textOf(doc: Text): string {
  return doc.toString();
}

/** A mark may be of a text that has changed since. */
function offsetOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(from + column - 1, to);
}

const LEVELS = { deny: 'error', warn: 'warning', note: 'info' } as const;

function diagnosticOf({ place, severity, rule, message, fix }: Mark, doc: Text): Diagnostic {
  return {
    from: offsetOf(doc, place.line, place.column),
    to: offsetOf(doc, place.line, place.endColumn),
    severity: LEVELS[severity],
    message: `${rule}: ${message}${fix === '' ? '' : ` (fix: ${fix})`}`,
    renderMessage: () => {
      const told = part('div', 'mark', part('strong', 'mark-rule', rule), ` ${message}`);
      if (fix !== '') told.append(part('div', 'mark-fix', part('strong', '', 'Fix'), ` ${fix}`));
      return told;
    },
  };
}

/** An element of texts and elements; no text in it is markup. */
function part(name: string, className: string, ...content: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.append(...content);
  return element;
}
