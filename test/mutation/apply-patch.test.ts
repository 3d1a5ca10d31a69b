/** Our patches, applied by us, give what rfc6902 makes of them. */
import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, dictionary, letrec, oneof, property } from 'fast-check';
import { applyPatch } from '../../src/mutation/apply-patch.ts';
import { diff } from '../../src/mutation/patch.ts';
import { patched } from '../support/helpers.ts';

const { value } = letrec((tie) => ({
  value: oneof(
    { depthSize: 'small' },
    constantFrom<unknown>(0, 'a', true),
    array(tie('value'), { maxLength: 3 }),
    dictionary(constantFrom('a', 'b/c', 'd~e', 'name', ''), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}));

test('patched and compared with a library that is not ours', () => {
  assert(
    property(value, value, (before, after) => {
      const [a, b] = [{ root: before }, { root: after }];
      const patch = diff(a, b);
      expect(applyPatch(a, patch)).toEqual(b);
      expect(patched(a, patch)).toEqual(b);
    }),
  );
});

test('the object itself stays as it is', () => {
  const object = Object.freeze({ a: Object.freeze([1]) });
  expect(applyPatch(object, [{ op: 'add', path: '/a/0', value: 0 }])).toEqual({ a: [0, 1] });
  expect(object).toEqual({ a: [1] });
});

test('a missing parent is a bug', () => {
  expect(() => applyPatch({}, [{ op: 'add', path: '/a/b', value: 1 }])).toThrow('/a/b has no parent');
});
