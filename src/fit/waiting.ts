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
  const short = new Map<string, Node[]>();
  const refused: Words[] = [];
  for (const node of room.nodes) {
    const refusal = refusalOf(node, demand);
    if (refusal !== null) {
      refused.push(refusal);
      continue;
    }
    const resource = order.find((name) => room.lacks(node, name, requests.get(name) ?? 0n));
    if (resource !== undefined) short.set(resource, [...(short.get(resource) ?? []), node]);
  }
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
  const byFree = Map.groupBy(nodes, (node) => {
    const free = room.free(node, resource);
    return free > 0n ? free : 0n;
  });
  return [...byFree]
    .sort(([a], [b]) => (a > b ? -1 : 1))
    .map(([free, { length }]) => {
      const what = free === 0n ? 'none' : shown(resource, free);
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
