/**
 * The answer to an AdmissionReview v1: the only file that copies the uid or picks a status code. The table:
 *
 * | cause                              | /mutate                         | /validate                       |
 * |------------------------------------|---------------------------------|---------------------------------|
 * | rules deny                         | denied 422 Invalid with causes  | the same                        |
 * | envelope or body refused           | denied 400 or 413               | the same                        |
 * | runtime can't be read              | allowed, no patch, warning      | denied 503                      |
 * | runtime is too large to be read    | allowed, no patch, warning      | what needs no runtime; warning  |
 * | PVC, namespace, ConfigMap unread   | last known or default           | warning "not checked"           |
 * | deadline passed                    | allowed, no patch, warning      | denied 504 naming the slow part |
 * | a bug                              | denied 500 "internal error"     | the same                        |
 * | our own probe                      | denied 409 in words of its own  | the same                        |
 *
 * Every answer with a uid is HTTP 200, because anything else counts as "the call failed" and is ADMITTED
 * under failurePolicy Ignore (docs/kserve.md, API server: calls). Only a body whose request.uid can't be read
 * gets a 4xx, from exchange.ts.
 */
import { plain } from '../../lib/text.ts';
import type { AdmissionRequest, Decision, Failed, Phase } from '../../admission/decision.ts';
import { ANSWER } from '../../registration/probe.ts';
import type { Finding } from '../../rules/rule.ts';
import { API_VERSION } from './decode.ts';
import { invalid, MAX_MESSAGE } from './status.ts';
import { warningsOf } from './warnings.ts';

const REASONS: Readonly<Record<Failed['code'], string>> = {
  400: 'BadRequest',
  413: 'RequestEntityTooLarge',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** @returns the body of the answer to a request that was decoded. */
export function encodeReview(decision: Decision, request: AdmissionRequest, phase: Phase): string {
  if (decision.outcome === 'failed') return encodeRefusal(request.uid, decision);
  const warnings = warningsOf(decision);
  const common = {
    uid: request.uid,
    ...(warnings.length > 0 && { warnings }),
    auditAnnotations: auditOf(decision),
  };
  if (decision.outcome === 'deny') {
    return envelope({ ...common, allowed: false, status: invalid(decision, request) });
  }
  if (decision.outcome === 'probed') {
    const status = { code: 409, reason: 'Conflict', message: ANSWER };
    return envelope({ ...common, allowed: false, status });
  }
  // patch and patchType come together, and never in a validating answer. Otherwise the API server fails the call.
  const patched = phase === 'mutate' && decision.patch.length > 0;
  return envelope({
    ...common,
    allowed: true,
    ...(patched && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(decision.patch)).toString('base64'),
    }),
  });
}

/** @returns the body of the answer to a request that could not be judged: a denial with the code. */
export function encodeRefusal(uid: string, { code, message }: Failed): string {
  return envelope({
    uid,
    allowed: false,
    auditAnnotations: { decision: 'failed' },
    status: { code, reason: REASONS[code], message: plain(message, MAX_MESSAGE) },
  });
}

/** @returns the ids of the rules that had something to say, each once, in the findings' order. */
export function rulesOf(decision: Decision): readonly string[] {
  const findings = onTheWire(decision);
  return findings.length === 0 ? NO_RULES : [...new Set(findings.map((finding) => finding.rule))];
}

const NO_RULES: readonly string[] = [];

function envelope(response: object): string {
  return JSON.stringify({ apiVersion: API_VERSION, kind: 'AdmissionReview', response });
}

/** Notes are for the command line only. */
function onTheWire(decision: Decision): readonly Finding[] {
  if (decision.outcome === 'failed' || decision.outcome === 'probed') return [];
  const all = decision.outcome === 'deny' ? [...decision.findings, ...decision.warnings] : decision.warnings;
  return all.filter((finding) => finding.severity !== 'note');
}

function auditOf(decision: Decision): Readonly<Record<string, string>> {
  const rules = rulesOf(decision);
  if (rules.length === 0) return { decision: decision.outcome };
  const excepted = onTheWire(decision).filter(({ exception }) => exception !== undefined);
  const exceptions = [...new Set(excepted.map(({ rule }) => rule))];
  return {
    decision: decision.outcome,
    rules: rules.join(','),
    ...(exceptions.length > 0 && { exceptions: exceptions.join(',') }),
  };
}
