/** What a pod waits for that no node has room for, as a sentence: "no node offers 8 free nvidia.com/gpu: 3 have 4". */
import { shown } from './amounts.ts';
import type { Demand } from './demand.ts';
import type { Node } from './node.ts';
import { refusalOf, type Words } from './refusal.ts';
import type { Room } from './room.ts';

/** Groups of nodes that are named; the others are counted. */
const MOST_GROUPS = 4;

export function waitingFor(room: Room, demand: Demand): string {
  if (room.nodes.length === 0) return 'there are no nodes';
  const { requests } = demand.pod;
  const order = inOrder([...requests.keys()]);
  const refused: Words[] = [];
  const allowed = room.nodes.filter((node) => {
    const refusal = refusalOf(node, demand);
    if (refusal !== null) refused.push(refusal);
    return refusal === null;
  });
  const short = Map.groupBy(allowed, (node) =>
    order.find((name) => room.lacks(node, name, requests.get(name) ?? 0n)),
  );
  const resources = order.filter((name) => short.has(name));
  const wanted = resources.map((resource) => {
    const amount = shown(resource, requests.get(resource) ?? 0n);
    return resource === 'pods' ? 'a free place for a pod' : `${amount} free ${resource}`;
  });
  const several = resources.length > 1;
  const groups = [
    ...resources.flatMap((resource) => shortages(room, short.get(resource) ?? [], resource, several)),
    ...counted(refused),
  ];
  return `${wanted.length === 0 ? 'no node is for it' : `no node offers ${listed(wanted)}`}: ${cut(groups)}`;
}

/** GPUs first, since they are what is rare. */
function inOrder(resources: readonly string[]): readonly string[] {
  return [...resources].sort((a, b) => Number(b.includes('/')) - Number(a.includes('/')) || (a < b ? -1 : 1));
}

/** The nodes by what they have left, the most first. */
function shortages(room: Room, nodes: readonly Node[], resource: string, named: boolean): readonly Group[] {
  const mostFirst = nodes
    .map((node) => room.free(node, resource))
    .sort((a, b) => (a === b ? 0 : a > b ? -1 : 1));
  const byText = Map.groupBy(mostFirst, (free) => (free > 0n ? shown(resource, free) : 'none'));
  return [...byText].map(([what, { length }]) => {
    const words = `${what}${named ? ` ${resource === 'pods' ? 'places' : resource}` : ''}`;
    return { nodes: length, words: [`has ${words}`, `have ${words}`] };
  });
}

interface Group {
  readonly nodes: number;
  readonly words: Words;
}

function counted(refused: readonly Words[]): readonly Group[] {
  return [...Map.groupBy(refused, ([one]) => one).values()].flatMap((group) => {
    const [words] = group;
    return words === undefined ? [] : [{ nodes: group.length, words }];
  });
}

function cut(groups: readonly Group[]): string {
  const texts = groups
    .slice(0, groups.length > MOST_GROUPS ? MOST_GROUPS - 1 : MOST_GROUPS)
    .map(({ nodes, words: [one, several] }) => `${nodes} ${nodes === 1 ? one : several}`);
  const rest = groups.slice(texts.length).reduce((sum, { nodes }) => sum + nodes, 0);
  return [...texts, ...(rest > 0 ? [`${rest} more have too little or are not for it`] : [])].join(', ');
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
