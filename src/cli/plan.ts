/** `headcount plan`: how many pods and GPUs KServe will deploy for each service, and what is wrong with it. */
import { assess, type Assessment } from '../admission/assess.ts';
import type { Run } from './command.ts';
import { explain } from './explain.ts';
import { findingLines } from './finding-text.ts';
import { planJson } from './plan-json.ts';
import { pictureOf } from './plan-text.ts';
import { exitCode, nothingFound, openSession, skippedLine } from './session.ts';
import { styleOf } from './streams.ts';

export const plan: Run = async (given, streams) => {
  const { config, input, services, cluster } = await openSession(given, streams);
  if (services.length === 0) throw nothingFound('InferenceService', given, input);
  const assessments: Assessment[] = [];
  for (const { object } of services) assessments.push(await assess(object, cluster, config));

  if (given.text('output') === 'json') {
    streams.stdout.write(`${JSON.stringify(planJson(assessments, input.skipped), null, 2)}\n`);
  } else {
    const style = styleOf(streams);
    const blocks = assessments.map((assessment) =>
      [
        ...pictureOf(assessment, style),
        ...(given.has('explain') ? explain(assessment) : []),
        ...assessment.findings.flatMap((finding) => findingLines(finding, style)),
      ].join('\n'),
    );
    streams.stdout.write(`${blocks.join('\n\n')}\n`);
    streams.stderr.write(skippedLine(input));
  }
  return exitCode(
    assessments.flatMap(({ findings }) => findings),
    given,
  );
};
