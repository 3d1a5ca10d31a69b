import type { AffectedService } from '../../src/rules/subject.ts';
import type { RuleCases } from './cases.ts';

const TWO_PODS = { pods: 2, gpus: 16 };
const FOUR_PODS = { pods: 4, gpus: 32 };

function affected(effect: AffectedService['effect'], name = 'llm'): AffectedService {
  return {
    namespace: 'team',
    name,
    effect,
    before: TWO_PODS,
    after: FOUR_PODS,
    why: effect === 'breaks' ? 'two GPU types' : null,
  };
}

export const cases: RuleCases = {
  rule: 'runtime-change',
  runtime: [
    {
      name: 'a change that touches no service passes',
      change: () => {},
      expect: null,
    },
    {
      name: 'services that can no longer run are named with the reason, and the change is refused',
      change: (world) => (world.affected = { services: [affected('breaks')], complete: true }),
      expect: {
        severity: 'deny',
        field: 'spec',
        says: /team\/llm: 2 pods with 16 GPUs become 4 pods with 32 GPUs \(two GPU types\)$/,
      },
    },
    {
      name: 'a service for which no plan can be made any more is named without new numbers',
      change: (world) => {
        world.affected = { services: [{ ...affected('breaks'), after: null, why: null }], complete: true };
      },
      expect: { severity: 'deny', field: 'spec', says: /team\/llm: 2 pods with 16 GPUs$/ },
    },
    {
      name: 'the annotation on the runtime allows such a change, with a warning',
      change: (world) => {
        world.runtime.metadata.annotations = { 'headcount.dev/allow-breaking': 'true' };
        world.affected = { services: [affected('breaks')], complete: true };
      },
      expect: { severity: 'warn', field: 'spec', says: /can no longer run/ },
    },
    {
      name: 'another value of the annotation allows nothing',
      change: (world) => {
        world.runtime.metadata.annotations = { 'headcount.dev/allow-breaking': 'yes' };
        world.affected = { services: [affected('breaks')], complete: true };
      },
      expect: { severity: 'deny', field: 'spec' },
    },
    {
      name: 'services whose pods are replaced by others with as many GPUs draw a warning with their number',
      change: (world) => {
        world.affected = { services: [{ ...affected('rolls'), after: TWO_PODS }], complete: true };
      },
      expect: {
        severity: 'warn',
        field: 'spec',
        says: /replaces the pods of services at once.*: team\/llm: 2 pods with 16 GPUs$/,
      },
    },
    {
      name: 'services that are planned anew at once draw a warning with both numbers',
      change: (world) => (world.affected = { services: [affected('re-plans')], complete: true }),
      expect: {
        severity: 'warn',
        field: 'spec',
        says: /at once.*2 pods with 16 GPUs become 4 pods with 32 GPUs$/,
      },
    },
    {
      name: 'services that stay as they are until their next edit are told apart',
      change: (world) => {
        world.affected = { services: [affected('re-plans', 'a'), affected('keeps', 'b')], complete: true };
      },
      expect: [
        { severity: 'warn', field: 'spec', says: /team\/a/ },
        { severity: 'warn', field: 'spec', says: /until their next edit: team\/b/ },
      ],
    },
    {
      name: 'past ten services the others are counted',
      change: (world) => {
        const services = Array.from({ length: 12 }, (_, index) => affected('keeps', `llm-${index}`));
        world.affected = { services, complete: true };
      },
      expect: { severity: 'warn', field: 'spec', says: /llm-9: [^;]*; and 2 more$/ },
    },
    {
      name: 'a list that was cut says that not all were checked',
      change: (world) => (world.affected = { services: [], complete: false }),
      expect: { severity: 'warn', field: 'spec', says: /not all services/ },
    },
  ],
};
