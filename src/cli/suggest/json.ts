/** The report as data: the shape that schemas/suggest.v1.json fixes. */
import { manifestOf } from './manifest.ts';
import type { Format } from './report.ts';
import { reasonsFor, warningsFor } from './text.ts';

export const json: Format = (report) => {
  const { model, weights, node, shapes, oneNode, impossible } = report;
  const { architecture, heads, kvHeads, layers, hiddenSize, context } = model;
  const document = {
    schemaVersion: 1,
    model: {
      architecture,
      heads,
      kvHeads,
      layers,
      hiddenSize,
      context,
      quantization: model.quantization?.method ?? null,
      parameters: weights.parameters,
      weightBytes: Math.round(weights.bytes),
    },
    node: { gpus: node.gpus, gpuMemoryBytes: node.gpuMemory },
    shapes: shapes.map((shape) => ({
      tensorParallelSize: shape.tensorParallelSize,
      pipelineParallelSize: shape.pipelineParallelSize,
      expertParallel: shape.expertParallel,
      gpus: shape.gpus,
      nodes: shape.nodes,
      weightBytesPerGpu: Math.round(shape.weights),
      cacheTokens: shape.tokens,
      reasons: reasonsFor(shape, model),
      ...warned(warningsFor(shape, report)),
      manifest: manifestOf(shape, report),
    })),
    singleNode: oneNode === null ? null : { tensorParallelSize: oneNode },
    impossible,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

function warned(warnings: readonly string[]): object {
  return warnings.length === 0 ? {} : { warnings };
}
