/** Values of the webhooks, the Service before them and the policies beside them. */
import { main, type Find, type Rows } from './look.ts';
import type { Loose } from '../../rules/cases.ts';

const SELECTOR = { matchLabels: { a: 'b' } };
const CONDITION = { name: 'mine', expression: 'true' };
const webhooks = (kind: string) => (find: Find) => find(`${kind}WebhookConfiguration`).webhooks;
export const judged = (kind: string) => (find: Find) => webhooks(kind)(find)[1];

function ofPhase(name: string, kind: string): Rows {
  return {
    [`webhook.${name}.failurePolicy`]: ['Ignore', (find) => judged(kind)(find).failurePolicy, 'Ignore'],
    [`webhook.${name}.timeoutSeconds`]: [
      7,
      (find) => [judged(kind)(find).timeoutSeconds, main(find).args.includes('--webhook-timeout=7')],
      [7, true],
    ],
    [`webhook.${name}.namespaceSelector`]: [
      SELECTOR,
      (find) => judged(kind)(find).namespaceSelector,
      SELECTOR,
    ],
    [`webhook.${name}.objectSelector`]: [SELECTOR, (find) => judged(kind)(find).objectSelector, SELECTOR],
    [`webhook.${name}.matchConditions`]: [
      [CONDITION],
      (find) =>
        webhooks(kind)(find)
          .filter((entry: Loose) => !entry.name.startsWith('probe.'))
          .every(({ matchConditions }: Loose) => matchConditions.at(-1).name === 'mine'),
      true,
    ],
    [`webhook.${name}.annotations`]: [
      { a: 'b' },
      (find) => find(`${kind}WebhookConfiguration`).metadata.annotations.a,
      'b',
    ],
  };
}

/** The rows of these values. */
export const WEBHOOKS: Rows = {
  ...ofPhase('mutating', 'Mutating'),
  ...ofPhase('validating', 'Validating'),
  'webhook.validating.runtimesFailurePolicy': [
    'Fail',
    (find) => webhooks('Validating')(find)[2].failurePolicy,
    'Fail',
  ],
  'webhook.validating.warnNotMultiNode': [
    true,
    (find) => webhooks('Validating')(find)[3].name,
    'not-multi-node.multinode.headcount.dev',
  ],
  'policy.enabled': [
    true,
    (find) => find('ValidatingAdmissionPolicyBinding').spec.policyName,
    'multinode.headcount.dev',
  ],
  'policy.validationActions': [
    ['Audit'],
    (find) => find('ValidatingAdmissionPolicyBinding').spec.validationActions,
    ['Audit'],
    { policy: { enabled: true } },
  ],
  'service.port': [
    8443,
    (find) => [find('Service').spec.ports[0].port, judged('Mutating')(find).clientConfig.service.port],
    [8443, 8443],
  ],
  'service.annotations': [{ a: 'b' }, (find) => find('Service').metadata.annotations.a, 'b'],
};
