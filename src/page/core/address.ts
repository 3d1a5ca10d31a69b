/**
 * The state as the part of an address after `#`, which a browser sends to nobody: JSON, deflated, in base64url. The
 * first letter is the version of this form.
 */
import { EMPTY, stateFrom, type State } from './state.ts';

const VERSION = '1';
/** Characters of a state. A short link may hold a very long text, which must not fill the memory of who opens it. */
const MOST = 4 * 1024 * 1024;

/** @returns such as `#1q1YqU...`. */
export async function addressOf(state: State): Promise<string> {
  const stated = Object.entries(state).filter(([key, value]) => value !== EMPTY[key as keyof State]);
  const json = new Blob([JSON.stringify(Object.fromEntries(stated))]);
  const deflated = json.stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `#${VERSION}${base64url(new Uint8Array(await new Response(deflated).arrayBuffer()))}`;
}

/** @returns null for what is no state, or a longer one than the page takes. */
export async function stateIn(address: string): Promise<State | null> {
  if (!address.startsWith(`#${VERSION}`)) return null;
  try {
    const json = await inflated(bytesOf(address.slice(2)));
    return json === null ? null : stateFrom(JSON.parse(json));
  } catch {
    return null;
  }
}

/** @returns null where it is longer than MOST */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
    if (text.length > MOST) {
      await reader.cancel();
      return null;
    }
  }
}

function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
