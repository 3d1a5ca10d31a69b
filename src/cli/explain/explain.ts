/** `headcount explain`: what a rule is about, offline; without a rule the list of them. */
import { RULE_IDS, RULES } from '../../rules/index.ts';
import type { Run } from '../shared/command.ts';
import { SUPPRESS } from '../lint/suppress.ts';
import { checkRules, ruleHelp } from '../rule-help.ts';

export const explainRule: Run = async ({ files: ids }, { stdout }) => {
  checkRules(ids);
  const pages = await Promise.all(ids.map(async (id) => `${await ruleHelp(id)}\n${turnedOff(id)}`));
  stdout.write(ids.length === 0 ? list() : pages.join('\n'));
  return 0;
};

function list(): string {
  const width = Math.max(...RULE_IDS.map((id) => id.length));
  return RULES.map(({ id, summary }) => `${id.padEnd(width)}  ${summary}\n`).join('');
}

/** This text is the same for every rule, so the rules' pages do not contain it. */
function turnedOff(id: string): string {
  return `## Turn it off

- for one run: \`headcount lint --disable ${id}\`
- for the webhook and the command line, in the configuration: \`rules: {${id}: "off"}\` (or \`warn\`, \`deny\`)
- for one manifest, in lint only: the annotation \`${SUPPRESS}: ${id}\`
`;
}
