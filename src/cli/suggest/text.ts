/** The report for people: a line for each shape with its reasons, what is not possible, and the first manifest. */
import { visibleLine } from '../../lib/text.ts';
import type { ModelFacts } from '../../vllm/facts.ts';
import { contextFor, isEven, type Shape } from '../../vllm/shapes.ts';
import { gigabytes, weightsText } from '../../vllm/weights.ts';
import { lostWorkers } from '../../rules/kserve-release.ts';
import { count } from '../shared/finding-text.ts';
import type { Format, SuggestReport } from './report.ts';
import { yaml } from './yaml.ts';

export const text: Format = (report) => {
  const { model, weights, node, shapes } = report;
  const first = [
    visibleLine(`${model.architecture}: ${weightsText(model, weights)} (estimated)`),
    `nodes of ${count(node.gpus, 'GPU')} with ${gigabytes(node.gpuMemory)} each`,
    '',
    ...(shapes.length === 0
      ? ['no shape fits']
      : shapes.flatMap((shape, index) => lines(shape, index, model))),
    ...oneNodeLine(report),
    ...impossibleLines(report),
  ];
  return `${first.join('\n')}\n${shapes.length === 0 ? '' : `\n${yaml(report)}`}`;
};

function lines(shape: Shape, index: number, model: ModelFacts): readonly string[] {
  const { tensorParallelSize: tp, pipelineParallelSize: pp, gpus, nodes } = shape;
  const title = `${index + 1}. TP ${tp} x PP ${pp} = ${count(gpus, 'GPU')} in ${count(pp, 'pod')} on ${count(nodes, 'node')}`;
  return [title, ...reasonsFor(shape, model).map((reason) => `   ${reason}`)];
}

/** Why a shape stands where it does. */
export function reasonsFor(shape: Shape, model: ModelFacts): readonly string[] {
  const { pipelineParallelSize: pp, layers, weights, tokens, kvReplicas, expertParallel } = shape;
  const wanted = contextFor(model);
  return [
    ...(pp === 1
      ? [`all ${layers} layers in one pod: no workerSpec, which is simpler and faster`]
      : [
          isEven(model, shape)
            ? `${layers} layers a stage`
            : `${model.layers} layers on ${pp} stages: at most ${layers}, for which the others wait`,
        ]),
    `${gigabytes(weights)} of weights on a GPU leave room for ${thousands(tokens)} tokens of KV cache` +
      (tokens < wanted ? `, less than one context of ${thousands(wanted)}` : ''),
    ...(kvReplicas > 1 ? [`each KV head is held ${kvReplicas} times`] : []),
    ...(expertParallel ? ['needs --enable-expert-parallel: TP does not divide the experts'] : []),
  ];
}

/** What is against a shape on the release of KServe that it is for. */
export function warningsFor(
  { pipelineParallelSize: pp }: Shape,
  { release }: SuggestReport,
): readonly string[] {
  const lost = pp === 1 ? null : lostWorkers(release);
  return lost === null ? [] : [lost];
}

function oneNodeLine({ oneNode }: SuggestReport): readonly string[] {
  if (oneNode === null) return [];
  return ['', `one node is enough (TP ${oneNode}): spread the model over several only for other reasons`];
}

/** Sizes with one reason are one line. */
function impossibleLines({ impossible }: SuggestReport): readonly string[] {
  const ordered = Map.groupBy(impossible, ({ why, tensorParallelSize: tp }) => why.replace(`TP ${tp}`, 'it'));
  const rows = [...ordered].map(
    ([why, sizes]) =>
      `not TP ${sizes.map(({ tensorParallelSize }) => tensorParallelSize).join(', ')}: ${why}`,
  );
  return rows.length === 0 ? [] : ['', ...rows];
}

function thousands(tokens: number): string {
  return tokens < 1e6 ? tokens.toLocaleString('en-US') : `${(tokens / 1e6).toFixed(1)} million`;
}
