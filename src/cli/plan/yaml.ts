/** The same data as with -o json, as YAML. */
import { blockYaml, PLAIN_STYLE } from '../shared/yaml-write.ts';
import { planData } from './json.ts';
import type { Format } from '../planned/report.ts';

export const yaml: Format = (report) => `${blockYaml(planData(report), PLAIN_STYLE)}\n`;
