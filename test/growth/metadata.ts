/**
 * What a CRD does not say of an object's metadata, written as a schema. The annotations that headcount reads are
 * fields of their own.
 */
import {
  APPLIED,
  AUTOSCALER_CLASS,
  DEPLOYMENT_MODE,
  GPU_RESOURCE_TYPES,
  LAST_APPLIED,
  MUTATION_MODE,
  PARALLELISM,
} from '../../src/kserve/annotations.ts';
import type { Schema } from './schema.ts';

const TEXT: Schema = { type: 'string' };
const ANNOTATIONS = [
  GPU_RESOURCE_TYPES,
  LAST_APPLIED,
  APPLIED,
  AUTOSCALER_CLASS,
  DEPLOYMENT_MODE,
  MUTATION_MODE,
  PARALLELISM,
];

export const METADATA: Schema = {
  type: 'object',
  properties: {
    name: TEXT,
    generateName: TEXT,
    labels: { type: 'object', additionalProperties: TEXT },
    annotations: {
      type: 'object',
      properties: Object.fromEntries(ANNOTATIONS.map((key) => [key, TEXT])),
      additionalProperties: TEXT,
    },
    finalizers: { type: 'array', items: TEXT },
    ownerReferences: {
      type: 'array',
      items: {
        type: 'object',
        required: ['apiVersion', 'kind', 'name', 'uid'],
        properties: { apiVersion: TEXT, kind: TEXT, name: TEXT, uid: TEXT },
      },
    },
    managedFields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['manager', 'operation', 'apiVersion', 'time', 'fieldsType'],
        properties: {
          manager: TEXT,
          operation: { type: 'string', enum: ['Apply', 'Update'] },
          apiVersion: TEXT,
          time: TEXT,
          fieldsType: TEXT,
          fieldsV1: { type: 'object' },
          subresource: TEXT,
        },
      },
    },
  },
};
