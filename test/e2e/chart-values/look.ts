/** Where a value of the chart is seen: in the objects that the API server would store. */
import type { Loose } from '../../rules/cases.ts';

/** Finds a stored object by its kind, and by the end of its name. */
export type Find = (kind: string, suffix?: string) => Loose;

/** What the value is set to, where it is seen and as what, and which other values that takes. */
type Row = readonly [set: unknown, see: (find: Find) => unknown, as: unknown, also?: object];

/** Rows by the value's path. */
export type Rows = Readonly<Record<string, Row>>;

export const pod = (find: Find): Loose => find('Deployment').spec.template.spec;
export const main = (find: Find): Loose => pod(find).containers[0];
