/** A review in which what few rules read stays text; test/fuzz compares all of it with JSON.parse. */
import { expect, test } from '@jest/globals';
import { asObject, at, property } from '../../src/lib/json.ts';
import { read, readMember, Unread } from '../../src/lib/unread.ts';
import { skim } from '../../src/server/review/skim.ts';
import { minimalService, type Loose } from '../rules/cases.ts';

const FIELDS = [{ fieldsV1: { 'f:spec': { 'f:predictor': {} } }, manager: 'kubectl', operation: 'Apply' }];
const STATUS = {
  conditions: [{ reason: 'Up', status: 'True', type: 'Ready' }],
  deploymentMode: 'Standard',
};

function review(): Loose {
  const object: Loose = { ...minimalService(), status: STATUS };
  object.metadata.managedFields = FIELDS;
  return { kind: 'AdmissionReview', request: { uid: 'u', object, oldObject: structuredClone(object) } };
}

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

test('managedFields and status stay text until they are asked for', () => {
  const request = property(skim(bytes(review())), 'request');
  for (const side of ['object', 'oldObject']) {
    const [fields, status] = [at(request, side, 'metadata', 'managedFields'), at(request, side, 'status')];
    expect([fields, status].map((value) => value instanceof Unread)).toEqual([true, true]);
    expect([readMember(status, 'deploymentMode'), readMember(status, 'absent')]).toEqual([
      'Standard',
      undefined,
    ]);
    expect(readMember(status, 'conditions')).toEqual(STATUS.conditions);
    expect([read(fields), read(status)]).toEqual([FIELDS, STATUS]);
    expect(at(request, side, 'spec')).toEqual(minimalService().spec);
  }
});

test('a review without them is read in the same pass', () => {
  expect(skim(Buffer.from('{"request":{"object":{}}}'))).toEqual({ request: { object: {} } });
});

test.each<readonly [what: string, change: (text: string) => string]>([
  ['too much depth', (text) => text.replace('"uid":"u"', `"uid":${'['.repeat(40)}${']'.repeat(40)}`)],
  ['a key twice in it', (text) => text.replaceAll('"type":', '"type":1,"type":')],
  ['a key twice beside it', (text) => text.replace('"status":{', '"status":1,"status":{')],
  ['__proto__ beside it', (text) => text.replace('"uid"', '"__proto__":1,"uid"')],
  ['no JSON beside it', (text) => text.replace('"uid"', 'uid')],
  ['no JSON behind it', (text) => `${text}x`],
  ['more than 64 KiB', (text) => text.replace('kubectl', 'x'.repeat(70_000))],
])('a review is read whole with %s', (_what, change) => {
  const text = JSON.stringify(review());
  expect(asObject(skim(Buffer.from(text)))).not.toBeNull();
  expect(skim(Buffer.from(change(text)))).toBeNull();
});
