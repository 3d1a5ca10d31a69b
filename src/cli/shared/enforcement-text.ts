/** What the command line says of an object that a cluster would not judge, or of which it is not known. */
import { notJudgedUnder, type Enforcement } from '../../admission/enforcement.ts';
import { visibleLine } from '../../lib/text.ts';

/**
 * @param namespace of the object; null where it has none
 * @returns why headcount neither judges it nor writes into it; null where it does
 */
export function notJudgedText(enforcement: Enforcement, namespace: string | null): string | null {
  switch (notJudgedUnder(enforcement)) {
    case null:
      return null;
    case 'namespace-exempt':
      return visibleLine(`not judged here: the configuration exempts the namespace ${namespace}`);
    case 'namespace-off':
      return visibleLine(
        `not judged here: the namespace ${namespace} has the label headcount.dev/enforce: off`,
      );
    default:
      return 'not judged here: the configuration says enforcement: off';
  }
}

/** @returns the same, or that the namespace's labels are not known; null where there is nothing to say */
export function enforcementText(enforcement: Enforcement, namespace: string | null): string | null {
  const { unread } = enforcement;
  return unread === undefined
    ? notJudgedText(enforcement, namespace)
    : visibleLine(`labels of the namespace ${namespace} not checked: ${unread}`);
}
