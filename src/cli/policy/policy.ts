/** `headcount policy`: the rules that need nothing but the object, as ValidatingAdmissionPolicies in CEL. */
import { policyName, policyObjects, SUBJECTS } from '../../cel/objects/policies.ts';
import type { Run } from '../shared/command.ts';
import { policyYaml } from './policy-yaml.ts';
import { configOf } from '../shared/session.ts';

const NOTHING = `no policy is printed: the configuration denies nothing and warns of nothing. Bindings of another one stay until
  kubectl delete validatingadmissionpolicybinding --ignore-not-found ${SUBJECTS.map((subject) => policyName(subject, 'Deny')).join(' ')}
`;

export const policy: Run = async (given, { stdout, stderr }) => {
  const objects = policyObjects(await configOf(given));
  if (objects.length === 0) stderr.write(NOTHING);
  if (given.text('output') === 'json') {
    stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`);
    return 0;
  }
  stdout.write(objects.map(policyYaml).join('---\n'));
  return 0;
};
