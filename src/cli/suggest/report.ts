/** What suggest has found: the one value from which every format is written. */
import type { ModelFacts } from '../../vllm/facts.ts';
import type { NodeType, Shapes } from '../../vllm/shapes.ts';
import type { Release } from '../../kserve/releases.ts';
import type { Weights } from '../../vllm/weights.ts';

export interface SuggestReport extends Shapes {
  readonly model: ModelFacts;
  readonly weights: Weights;
  readonly node: NodeType;
  /** The release of KServe that the manifests are for. */
  readonly release: Release;
  /** What the manifests say besides the shape; a storageUri is made of the name where none is given. */
  readonly service: { readonly name: string; readonly storageUri: string | null };
}

/** Writes the report as one document, with its last line end. */
export type Format = (report: SuggestReport) => string;
