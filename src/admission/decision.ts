/** The input and the output of the admission pipeline. Only src/server/review knows the wire format. */
import type { Finding } from '../rules/rule.ts';
import type { Operation } from '../mutation/patch.ts';

export type Phase = 'mutate' | 'validate';

export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** '' for the object itself. */
  readonly subResource: string;
  /** '' while only generateName is known. */
  readonly name: string;
  readonly namespace: string;
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly dryRun: boolean;
}

/** Why a request was let through without being judged. */
export type NotJudged =
  | 'other-kind'
  | 'other-operation'
  | 'subresource'
  | 'being-deleted'
  | 'not-multi-node'
  | 'nothing-relevant-changed'
  | 'annotations-too-large'
  | 'namespace-off'
  | 'enforcement-off'
  | 'namespace-exempt';

export type Decision =
  | {
      readonly outcome: 'allow';
      /** null when the object was judged. */
      readonly notJudged: NotJudged | null;
      readonly warnings: readonly Finding[];
      /** Lines that no rule wrote: what could not be read or checked. */
      readonly remarks: readonly string[];
      /** Empty in the validating phase. */
      readonly patch: readonly Operation[];
    }
  | {
      readonly outcome: 'deny';
      /** In the rules' order; at least one. */
      readonly findings: readonly Finding[];
      readonly warnings: readonly Finding[];
      /** A page of the platform about the rules (config/docs-url.ts); absent where it has none. */
      readonly docsUrl?: string;
    }
  /** A probe of our own (src/registration/probe.ts): refused, because only a refusal proves that we were asked. */
  | { readonly outcome: 'probed' }
  /** The request could not be judged; `message` is for the user, one line. */
  | { readonly outcome: 'failed'; readonly code: 400 | 413 | 500 | 503 | 504; readonly message: string };

/** A request that could not be judged. */
export type Failed = Extract<Decision, { outcome: 'failed' }>;
