/** The page's beginning: the state of its address, its first verdict, and the editor after that. */
import { render } from 'preact';
import { addressOf, stateIn } from './core/address.ts';
import { App } from './parts/app.tsx';
import { preloadedIn } from './core/preloaded.ts';
import { EMPTY, type State } from './core/state.ts';
import { Store } from './core/store.ts';

/** Milliseconds: browsers limit how often a page may write its address. */
const ADDRESS_DELAY = 200;

void start();

async function start(): Promise<void> {
  const root = document.getElementById('page') ?? document.body;
  const preloaded = preloadedIn(document.getElementById('preloaded')?.textContent ?? '');
  const store: Store = new Store(await initial(), preloaded, (shown) =>
    render(<App {...shown} preloaded={preloaded} change={change} linkOf={linkOf} />, root),
  );
  let written = location.hash;
  let timer = 0;

  function change(part: Partial<State>): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void writeAddress(), ADDRESS_DELAY);
    void store.change(part);
  }

  async function writeAddress(): Promise<void> {
    written = await addressOf(store.state);
    history.replaceState(null, '', written);
  }

  async function linkOf(): Promise<string> {
    return new URL(await addressOf(store.state), location.href).href;
  }

  /** Another link was opened in this page. */
  window.addEventListener('hashchange', () => {
    if (location.hash === written) return;
    written = location.hash;
    void stateIn(location.hash).then((state) => state && store.change(state));
  });

  await store.change({});
  loadEditor();
}

/** The address's own state, else the example that it names. */
async function initial(): Promise<State> {
  return (await stateIn(location.hash)) ?? exampleIn(location.search);
}

/** @param query `?example=ID`; without it, or with another, the first example */
function exampleIn(query: string): State {
  const id = new URLSearchParams(query).get('example');
  const { manifest, catalog } = EXAMPLES.find((example) => example.id === id) ?? EXAMPLES[0] ?? EMPTY;
  return { ...EMPTY, manifest, catalog };
}

/** The plan is shown before this large script has come. */
function loadEditor(): void {
  const script = document.createElement('script');
  script.src = 'editor.js';
  script.addEventListener('load', () => window.dispatchEvent(new Event('headcount-editor')));
  document.head.append(script);
}
