/**
 * What the policies are asked about: what the webhook configurations call judged (charts/headcount,
 * templates/_webhooks.tpl; a test holds the two together). None of these fails, whatever the object's shape.
 */
export interface Condition {
  readonly name: string;
  readonly expression: string;
}

export const NOT_UNDER_DELETION: Condition = {
  name: 'not-under-deletion',
  expression: `!(type(object) == map && has(object.metadata) && type(object.metadata) == map &&
has(object.metadata.deletionTimestamp))`,
};

export const MULTI_NODE: Condition = {
  name: 'multi-node',
  expression: `[object, oldObject].exists(o, type(o) == map && has(o.spec) && type(o.spec) == map &&
has(o.spec.predictor) && type(o.spec.predictor) == map && has(o.spec.predictor.workerSpec))`,
};

export const CHANGED: Condition = {
  name: 'spec-or-annotations-changed',
  expression: `type(object) != map || type(oldObject) != map ||
has(object.spec) != has(oldObject.spec) || (has(object.spec) && object.spec != oldObject.spec) ||
!has(object.metadata) || !has(oldObject.metadata) ||
type(object.metadata) != map || type(oldObject.metadata) != map ||
has(object.metadata.annotations) != has(oldObject.metadata.annotations) ||
(has(object.metadata.annotations) && object.metadata.annotations != oldObject.metadata.annotations)`,
};
