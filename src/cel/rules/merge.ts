import { LABEL_PATTERN } from '../../kserve/names.ts';
import { get, listAt, mapAt, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

function unnamed(predictor: string, key: string): string {
  const name = get('c', 'name');
  return (
    `${listAt(predictor, key)}.filter(c, type(c) == map && (type(${name}) != string || !${name}.matches('^${LABEL_PATTERN}$')))` +
    `.map(c, 'spec.predictor.${key}[] has a container without a valid name: name it with lower-case letters, digits and hyphens')`
  );
}

export const rule: CelRule = {
  id: 'merge',
  covers:
    'a deployment strategy that Kubernetes does not have; Recreate with rollingUpdate values; rollingUpdate with zeros only; a sidecar called kserve-container beside a model; sidecars and init containers without a valid name',
  services: (side) => {
    const predictor = variable('predictor', side);
    const type = get('s', 'type');
    return (
      `size(${variable('modelKeys', side)}) == 0 ? [] : ([${mapAt(predictor, 'deploymentStrategy')}]` +
      `.filter(s, type(${type}) == string && !(${type} in ['', 'Recreate', 'RollingUpdate']))` +
      `.map(s, 'spec.predictor.deploymentStrategy has a type that Kubernetes does not have: write Recreate or RollingUpdate') +\n` +
      `[${mapAt(predictor, 'deploymentStrategy')}]` +
      `.filter(s, ${type} == 'Recreate' && ${get('s', 'rollingUpdate')} != null)` +
      `.map(s, 'spec.predictor.deploymentStrategy has rollingUpdate beside Recreate: remove it') +\n` +
      `[${mapAt(mapAt(predictor, 'deploymentStrategy'), 'rollingUpdate')}]` +
      `.filter(r, [${get('r', 'maxSurge')}, ${get('r', 'maxUnavailable')}].all(v, v == 0 || v == '0%'))` +
      `.map(r, 'spec.predictor.deploymentStrategy.rollingUpdate has maxSurge and maxUnavailable of 0: write 1 for one of them') +\n` +
      `${listAt(predictor, 'containers')}.filter(c, type(c) == map && ${get('c', 'name')} == 'kserve-container')` +
      `.map(c, 'spec.predictor.containers[] has kserve-container, which is the model: give it another name') +\n` +
      `${unnamed(predictor, 'containers')} +\n${unnamed(predictor, 'initContainers')})`
    );
  },
  left: [
    { what: 'sidecars, env and probes beside those of the runtime', why: 'the runtime is another object' },
    {
      what: 'other sidecars of one name; value and valueFrom in one entry',
      why: 'each would be compared with all others, at a cost that a policy may not have',
    },
  ],
};
