/** What the build (packaging/page.ts) and other scripts put into the page. */
import type { EditorFactory } from './editor/editor.ts';
import type { Example } from './core/examples.ts';

declare global {
  /** The demo's manifests. */
  const EXAMPLES: readonly Example[];
  /** Of the package. */
  const VERSION: string;

  interface Window {
    /** The editor's script makes it; until then the page has a plain text area. */
    headcountEditor?: { readonly createEditor: EditorFactory };
  }
}
