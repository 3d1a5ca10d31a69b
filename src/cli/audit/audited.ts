/** What an audit has to show: the one value from which every format is written, so that they can't disagree. */
import type { Assessment } from '../../admission/assess.ts';
import { isBeingDeleted } from '../../admission/scope.ts';
import type { Ground } from '../../fit/stock.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import type { Finding } from '../../rules/rule.ts';
import type { PlannedService } from '../planned/report.ts';

export interface Audited {
  readonly services: readonly PlannedService[];
  /** What the pods were placed on; null without --fit. */
  readonly ground: Ground | null;
  /** The release of KServe that is planned for. */
  readonly release: ReleaseInForce;
}

/** What is said in place of findings of a service that is being deleted: no webhook judges it any more. */
export const BEING_DELETED = 'being deleted: not judged';

export function isGoing({ stored }: Assessment): boolean {
  return isBeingDeleted(stored);
}

export function assessmentsOf({ services }: Pick<Audited, 'services'>): readonly Assessment[] {
  return services.map(({ assessment }) => assessment);
}

export function findingsOf(audited: Pick<Audited, 'services'>): readonly Finding[] {
  return assessmentsOf(audited).flatMap(({ findings }) => findings);
}
