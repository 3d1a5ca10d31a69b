/**
 * The report as a picture: a standalone SVG that follows the page's light or dark mode, with a title and
 * a description for screen readers. The same input gives the same bytes.
 */
import {
  changeLines,
  changeText,
  runtimeText,
  sizesText,
  splitText,
  whereText,
  storageText,
  titleOf,
  totalsText,
  verdictText,
  whyNoPlan,
} from '../planned/words.ts';
import { fitLines, groundLines, placesText } from '../planned/fit-words.ts';
import type { Fit } from '../../fit/forecast.ts';
import type { Format, PlannedService, PlanReport } from '../planned/report.ts';
import { documentOf } from './svg/document.ts';
import { serviceBlock } from './svg/service.ts';
import { lines, stacked } from './svg/shapes.ts';

const BETWEEN = 36;

export const svg: Format = (report) => {
  const words = [...changeLines(report), ...groundLines(report.ground)];
  const body = stacked(
    [
      ...report.services.map(serviceBlock),
      ...(words.length > 0 ? [lines(words.map((line) => ['words', line] as const))] : []),
    ],
    BETWEEN,
  );
  return documentOf(body, { id: 'headcount', title: titleText(report), description: descriptionOf(report) });
};

function titleText({ services }: PlanReport): string {
  return `Pods and GPUs of ${services.map(({ assessment }) => titleOf(assessment)).join(', ') || 'no service'}`;
}

/** All that the picture says, for a screen reader. */
function descriptionOf(report: PlanReport): string {
  return [...report.services.map(describe), ...changeLines(report), ...groundLines(report.ground)]
    .map((sentence) => sentence.replace(/\.?$/, '.'))
    .join(' ');
}

function describe({ assessment, change, fit }: PlannedService): string {
  const { plan } = assessment;
  const storage = storageText(assessment);
  const told = [
    ...(plan === null
      ? [whyNoPlan(assessment)]
      : [
          sizesText(plan),
          totalsText(plan, assessment, change),
          runtimeText(assessment, plan),
          storage && `model at ${storage}`,
          ...fitLines(fit, change),
          ...(['head', 'worker'] as const).map((role) => rolePlaces(fit, role)),
        ]),
    splitText(assessment),
    whereText(assessment),
    change && changeText(change, assessment),
    verdictText(assessment, 'deny'),
    verdictText(assessment, 'warn'),
  ].filter((text) => text !== null);
  return `${titleOf(assessment)}: ${told.join('; ')}`;
}

function rolePlaces(fit: Fit | null, role: 'head' | 'worker'): string | null {
  const places = placesText(fit, role);
  return places === '' ? null : `${role} ${places}`;
}
