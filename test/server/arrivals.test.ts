/** The order of the requests under way when some leave, compared with a filtered list. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Arrivals, type Arrival } from '../../src/server/arrivals.ts';

test('the rest stays in order when a request is removed, removed twice, or removed during a loop', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat())), (steps) => {
      const arrivals = new Arrivals<number>();
      const places: Arrival<number>[] = [];
      let expected: number[] = [];
      for (const step of steps) {
        if (step === 'add') {
          expected.push(places.length);
          places.push(arrivals.add(places.length));
        } else if (places.length > 0) {
          const taken = places[step % places.length] as Arrival<number>;
          arrivals.remove(taken);
          expected = expected.filter((value) => value !== taken.value);
        }
        expect([...arrivals]).toEqual(expected);
        expect(arrivals.isEmpty).toBe(expected.length === 0);
      }
      for (const value of arrivals) arrivals.remove(places[value] as Arrival<number>);
      expect(arrivals.isEmpty).toBe(true);
    }),
  );
});
