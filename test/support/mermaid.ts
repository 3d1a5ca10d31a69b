/** Flowcharts as Mermaid's own parser reads them. It wants a window for its sanitizer, and gets linkedom's. */
import { parseHTML } from 'linkedom';

interface Box {
  readonly title: string;
  /** Lines of each node, by its id without that of the box. */
  readonly nodes: ReadonlyMap<string, readonly string[]>;
}

/**
 * @returns the subgraphs in their order
 * @throws Error for what is no flowchart
 */
export async function flowchart(text: string): Promise<readonly Box[]> {
  const { window, document } = parseHTML('<html><body></body></html>');
  Object.assign(globalThis, { window, document });
  const { default: mermaid } = await import('mermaid');
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { vertices, graphs } = read(db);
  return graphs.map(({ id, title, nodes }) => ({
    title: decoded(title),
    nodes: new Map(
      nodes.map((node) => [
        node.slice(id.length + 1),
        decoded(vertices.get(node)?.text ?? '').split(/<br\/?>/),
      ]),
    ),
  }));
}

interface Flow {
  getVertices(): ReadonlyMap<string, { text: string }>;
  getSubGraphs(): readonly { id: string; title: string; nodes: readonly string[] }[];
}

function read(db: unknown): {
  vertices: ReturnType<Flow['getVertices']>;
  graphs: ReturnType<Flow['getSubGraphs']>;
} {
  const flow = db as Flow;
  const graphs = flow.getSubGraphs().map(({ id, title, nodes }) => ({ id, title, nodes: nodes.toSorted() }));
  return { vertices: flow.getVertices(), graphs };
}

/** Mermaid keeps entities in a form of its own until it draws. */
function decoded(text: string): string {
  return text.replaceAll(/ﬂ°°(\d+)¶ß/g, (_match, code: string) => String.fromCharCode(Number(code)));
}
