/** `headcount policy`: the rules that need nothing but the object, as ValidatingAdmissionPolicies in CEL. */
import { policyObjects } from '../../cel/objects/policies.ts';
import type { Run } from '../shared/command.ts';
import { policyYaml } from './policy-yaml.ts';
import { configOf } from '../shared/session.ts';

export const policy: Run = async (given, { stdout }) => {
  const objects = policyObjects(await configOf(given));
  if (given.text('output') === 'json') {
    stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`);
    return 0;
  }
  stdout.write(objects.map(policyYaml).join('---\n'));
  return 0;
};
