/** The model of a predictor, which is at the same time the head's container. */
import { asString, at, property } from '../lib/json.ts';
import { ContainerView } from './container.ts';
import { isGiven, nonEmpty } from './setting.ts';

/** KServe's framework shorthands: its defaulter rewrites each into predictor.model. */
export const SHORTHANDS = [
  'huggingface',
  'sklearn',
  'xgboost',
  'tensorflow',
  'pytorch',
  'triton',
  'onnx',
  'pmml',
  'lightgbm',
  'paddle',
] as const;

/** predictor.model, or the shorthand that KServe's defaulter has not rewritten yet. */
export class ModelView extends ContainerView {
  /** `model`, or the shorthand. */
  readonly key: string;
  readonly format: string | null;
  readonly formatVersionField: string;
  /** null where any version will do; the empty version is one like others. */
  readonly formatVersion: string | null;
  /** The protocol that the service states (a huggingface shorthand states v2), else null; an empty one stands for any. */
  readonly protocol: string | null;
  readonly runtimeField: string;
  /** null also for a shorthand, whose schema has no such field. KServe looks up the empty name like others. */
  readonly runtimeName: string | null;
  /** Is there something in the place of its name? */
  readonly runtimeGiven: boolean;
  readonly storageUriField: string;
  readonly storageUri: unknown;
  /** Field of `storage` where it is given, else null. */
  readonly storage: string | null;
  readonly runtimeVersionField: string;
  /** The tag that KServe puts in place of the head's; null where the image's own counts. */
  readonly runtimeVersion: string | null;
  /** Field of `storage.path` where it is given, else null. */
  readonly storagePath: string | null;

  constructor(raw: unknown, predictorField: string, key: string) {
    const field = `${predictorField}.${key}`;
    const shorthand = key !== 'model';
    super(raw, field);
    this.key = key;
    this.format = shorthand ? key : nonEmpty(at(raw, 'modelFormat', 'name'));
    this.formatVersionField = `${field}.modelFormat.version`;
    this.formatVersion = shorthand ? null : asString(at(raw, 'modelFormat', 'version'));
    this.protocol = asString(property(raw, 'protocolVersion')) ?? (key === 'huggingface' ? 'v2' : null);
    this.runtimeField = `${field}.runtime`;
    this.runtimeName = shorthand ? null : asString(property(raw, 'runtime'));
    this.runtimeGiven = isGiven(property(raw, 'runtime'));
    this.storageUriField = `${field}.storageUri`;
    this.storageUri = property(raw, 'storageUri');
    this.storage = isGiven(property(raw, 'storage')) ? `${field}.storage` : null;
    this.runtimeVersionField = `${field}.runtimeVersion`;
    this.runtimeVersion = asString(property(raw, 'runtimeVersion'));
    this.storagePath = isGiven(at(raw, 'storage', 'path')) ? `${field}.storage.path` : null;
  }
}

/** @returns the key of the model within the predictor: `model`, a shorthand, or null for neither. */
export function modelKey(predictor: unknown): string | null {
  if (isGiven(property(predictor, 'model'))) return 'model';
  return SHORTHANDS.find((key) => isGiven(property(predictor, key))) ?? null;
}

/** @returns the fields of all models of a predictor; KServe takes one. */
export function modelFields(predictor: unknown, predictorField: string): readonly string[] {
  return ['model', ...SHORTHANDS]
    .filter((key) => isGiven(property(predictor, key)))
    .map((key) => `${predictorField}.${key}`);
}

/** @returns the view of a predictor's model; null where it has none */
export function readModel(predictor: unknown, predictorField: string): ModelView | null {
  const key = modelKey(predictor);
  return key === null ? null : new ModelView(property(predictor, key), predictorField, key);
}
