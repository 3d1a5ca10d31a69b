/** Makes a case that fails as small as it will still fail: members and items go, then bytes. */
import type { Case } from './case.ts';
import { placesOf } from './tree.ts';

/** Questions that a search may cost. */
const MOST_TRIES = 600;

/** @param fails asks the server; a case that it is asked about twice must fail twice */
export async function minimised(original: Case, fails: (one: Case) => Promise<boolean>): Promise<Case> {
  let best: Case = original;
  let tries = 0;
  async function better(candidate: Case): Promise<boolean> {
    tries++;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  }
  for (const plain of [{ query: '' }, { pieces: [] }, { headers: ['content-type: application/json'] }]) {
    await better({ ...best, ...plain });
  }
  for (let smaller = true; smaller && tries < MOST_TRIES;) {
    smaller = false;
    for (const body of [...withoutOnePlace(best.body), ...withoutOnePart(best.body)]) {
      if (tries >= MOST_TRIES) break;
      if (body.length >= best.body.length || !(await better({ ...best, body }))) continue;
      smaller = true;
      break;
    }
  }
  return best;
}

/** The largest places first. */
function withoutOnePlace(body: Buffer): readonly Buffer[] {
  let tree: unknown;
  try {
    tree = JSON.parse(body.toString());
  } catch {
    return [];
  }
  const count = placesOf(tree, 300).length;
  return Array.from({ length: count }, (_, index) => {
    const copy = JSON.parse(body.toString());
    const { parent, key } = placesOf(copy, 300)[index] ?? { parent: {}, key: '' };
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return Buffer.from(JSON.stringify(copy));
  }).toSorted((a, b) => a.length - b.length);
}

function withoutOnePart(body: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let size = body.length >> 1; size > 0 && parts.length < 200; size >>= 1) {
    for (let from = 0; from < body.length && parts.length < 200; from += size) {
      parts.push(Buffer.concat([body.subarray(0, from), body.subarray(from + size)]));
    }
  }
  return parts;
}
