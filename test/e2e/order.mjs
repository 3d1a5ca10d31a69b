/** Starts the files that mostly wait first, and long ones before short ones, so that none runs alone at the end. */
import Sequencer from '@jest/test-sequencer';

const FIRST = ['outage', 'certificates', 'apply', 'chart-values', 'chart', 'audit-rights'];

export default class Order extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const index = FIRST.findIndex((name) => path.endsWith(`/${name}.e2e.ts`));
      return index < 0 ? FIRST.length : index;
    };
    return [...tests].sort((one, other) => place(one) - place(other));
  }
}
