/** The requests of the stress runs, each with a uid of its own, made before they are needed. */
import { randomUUID } from 'node:crypto';
import { capturedUpdate, textOf, updateOfSize } from '../../bench/subject.ts';
import { bodyOf } from '../hostile/reviews.ts';
import { post } from '../hostile/wire.ts';
import { minimalService } from '../rules/cases.ts';

/** The captured update of 7.5 KB, or one of its size. */
const ORDINARY = textOf(capturedUpdate()?.request ?? updateOfSize(7_500));

export function ordinary(): Buffer {
  return post('/validate?timeout=5s', ORDINARY.replace('UID', randomUUID()));
}

/** A review that costs the server much more than the client: 300 resource names, each looked at and refused. */
const COSTLY = ((): string => {
  const service = minimalService();
  service.spec.predictor.model.resources.requests = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`example.com/gpu-${index}`, '1']),
  );
  return bodyOf(service, { uid: 'UID' });
})();

export function costly(): Buffer {
  return post('/mutate?timeout=5s', COSTLY.replace('UID', randomUUID()));
}

const MIB = 1024 ** 2;
const around = (object: string): string => bodyOf('OBJECT').replace('"OBJECT"', () => object);
const filled = (unit: string, end = ''): string => unit.repeat(Math.floor((6.9 * MIB) / unit.length)) + end;

/** 7 MiB of the worst kinds: deep, wide, one text, escapes, numbers, cut off. */
export const HOSTILE: readonly Buffer[] = [
  around(filled('[')),
  around(`[${filled('0,', '0')}]`),
  around(`{"spec":"${filled('x')}"}`),
  around(`{"spec":"${filled('\\u0001')}"}`),
  around(`{"spec":"${filled('\\"')}"}`),
  around(`[${filled(`[${'0,'.repeat(3_000)}0],`, '0')}]`),
  around(`[${filled(`"${'x'.repeat(40)}",`.repeat(300), '0')}]`),
  around(filled('{"a":')),
].map((body) => post('/validate?timeout=5s', body));
