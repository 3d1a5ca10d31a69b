/** Several files as one stream of documents, each as it was. */

/** @returns the texts one after the other, with `---` before each text that does not begin with it */
export function concatenated(texts: readonly string[]): string {
  return texts.reduce(
    (all, text) => (all === '' ? text : text.trim() === '' ? all : all + behind(all, text)),
    '',
  );
}

function behind(all: string, text: string): string {
  const next = text.replace(/^\uFEFF/, '');
  const eol = /\r?\n/.exec(all)?.[0] ?? '\n';
  const end = all.endsWith('\n') ? '' : eol;
  if (/^---(\s|$)/.test(next)) return end + next;
  // A directive has to follow the end of a document.
  return `${end}${next.startsWith('%') ? '...' : '---'}${eol}${next}`;
}
