/** The manifest of the best shape, to be applied or committed. */
import { Refusal } from '../shared/refusal.ts';
import { blockYaml, PLAIN_STYLE } from '../shared/yaml-write.ts';
import { manifestOf } from './manifest.ts';
import type { Format } from './report.ts';

/** @throws Refusal where no shape fits */
export const yaml: Format = (report) => {
  const [best] = report.shapes;
  if (best === undefined) throw new Refusal('no shape fits, so there is no manifest');
  return `${blockYaml(manifestOf(best, report), PLAIN_STYLE)}\n`;
};
