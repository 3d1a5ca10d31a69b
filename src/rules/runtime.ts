/**
 * The service runs on a multi-node runtime that exists, is enabled and fits.
 *
 * Reads: predictor.model.runtime, its format and protocol, and the runtime that KServe would take. An empty name, and an
 * empty version of the format, are looked for like others, so both are refused.
 * Allowed: a named runtime, or one that KServe selects; then a warning says which, since a newer runtime can
 * change the choice.
 * Why: KServe's webhook never looks at the runtime. Its controller waits for a missing one without end,
 * fails on one that is disabled, does not fit or has no kserve-container, and panics on one without workerSpec.
 * It plans workers beside exactly one model, never beside predictor.containers alone.
 * Runtimes: workerSpec may not be taken out, since services are planned on it (KServe's webhook refuses that
 * too). One without kserve-container draws a warning.
 * Source: docs/kserve.md, Runtime lookup; docs/kserve.md, Runtimes that change; docs/kserve.md, Services
 * that KServe admits and cannot run; docs/kserve.md, What KServe's webhooks check; kserve/kserve#4539, #5805.
 */
import type { RuntimeOutcome, Unsuitable } from '../kserve/selection.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import { modelFields, type ModelView } from '../kserve/model.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { Report, Rule } from './rule.ts';
import type { RuntimeSubject } from './subject.ts';
import { emptyText } from './support/empty-text.ts';
import { multiNode, withoutHead } from './support/multi-node-runtime.ts';
import { quote, visible } from '../lib/text.ts';

const MOST_CANDIDATES = 5;
const TRITON = 'triton';

export const rule: Rule = {
  id: 'runtime',
  summary: 'The runtime exists, is enabled, fits the model and is multi-node',
  checkService({ service, runtime }) {
    const { worker, model } = service;
    if (worker === null) return [];
    if (model === null) return [noModel(service)];
    const [first = '', ...others] = modelFields(service.predictor, service.predictorField);
    if (others.length > 0) return others.map((other) => severalModels(first, other));
    if (model.key === TRITON || model.format === TRITON) return [triton(model)];
    if (model.format !== null) return judge(runtime, model);
    return [noFormat(model), ...(lacksFormat(runtime) ? [] : judge(runtime, model))];
  },
  checkRuntime(subject) {
    return [...removed(subject), ...withoutHead(subject.runtime)];
  },
};

/** Does the runtime not go with the service because of the format? */
function lacksFormat(outcome: RuntimeOutcome): boolean {
  return outcome.status === 'none' || (outcome.status === 'unsuitable' && outcome.reason === 'format');
}

function judge(outcome: RuntimeOutcome, model: ModelView): readonly Report[] {
  const field = model.runtimeField;
  const empty = emptyText(outcome, model);
  if (empty !== null) return [empty];
  switch (outcome.status) {
    case 'missing':
      return [missing(field, outcome.name)];
    case 'unsuitable':
      return [unsuitable(field, model, outcome.runtime, outcome.reason)];
    case 'none':
      return [none(field, model, outcome)];
    case 'found':
      return [...multiNode(field, outcome.runtime), ...chosen(model, outcome)];
    case 'unavailable':
      return unread(field, outcome);
    // Without a model there is no lookup.
    case 'no-model':
      return [];
  }
}

function noModel({ predictorField, containers }: ServiceView): Report {
  const custom = containers.length > 0;
  const found = custom
    ? 'workerSpec stands beside containers without a model'
    : 'workerSpec is set, but there is no model';
  return {
    severity: 'deny',
    field: custom ? `${predictorField}.containers` : predictorField,
    message: `${found}: KServe plans worker pods only beside predictor.model`,
    fix: 'write predictor.model with modelFormat, runtime and storageUri, or take workerSpec out',
    short: `${found}: KServe plans worker pods only beside predictor.model`,
  };
}

function severalModels(first: string, other: string): Report {
  return {
    severity: 'deny',
    field: other,
    message: `${first} and ${other} are both set, and KServe takes one model only`,
    fix: `remove ${other}`,
    short: `${first} and ${other} are both set: keep one`,
  };
}

function triton(model: ModelView): Report {
  return {
    severity: 'deny',
    field: model.field,
    message: 'Triton can not run over several nodes in KServe',
    fix: 'use a multi-node vLLM runtime such as kserve-huggingfaceserver-multinode, or take workerSpec out',
    short: 'Triton can not run over several nodes: use a vLLM runtime or take workerSpec out',
  };
}

function noFormat(model: ModelView): Report {
  return {
    severity: 'deny',
    field: `${model.field}.modelFormat`,
    message: 'modelFormat.name is missing, so no runtime can be matched',
    fix: 'write modelFormat: {name: huggingface}',
    short: 'modelFormat.name is missing, so no runtime can be matched',
  };
}

function missing(field: string, name: string): Report {
  return {
    severity: 'deny',
    field,
    message: `runtime ${quote(name)} exists neither in this namespace nor in the cluster: KServe would wait for it`,
    fix: 'correct the name, or create the runtime first',
    short: `runtime ${quote(name)} exists neither in this namespace nor in the cluster`,
  };
}

/** Where a read has failed, the admission pipeline answers. */
function unread(
  field: string,
  { name, notHeld }: Extract<RuntimeOutcome, { status: 'unavailable' }>,
): readonly Report[] {
  if (notHeld === null) return [];
  const [found, fix] =
    notHeld === 'too-large'
      ? [`runtime ${quote(name)} is too large to be read`, SHORTEN]
      : ['no runtime is named, and this namespace has too many to know which one KServe selects', NAME_IT];
  const message = `${found}, so neither the plan nor what depends on it is checked`;
  return [{ severity: 'warn', field, message, fix, short: `${found}: not checked` }];
}

const SHORTEN =
  'shorten the runtime to what it needs: all but its args and commands together has to fit into 64 KiB';
const NAME_IT =
  'name the runtime in predictor.model, or delete runtimes: those of a namespace together have to fit into 2 MiB';

const REASONS: Readonly<Record<Unsuitable, string>> = {
  disabled: 'is disabled',
  'multi-model': 'is a multi-model runtime',
  format: 'does not support the model format',
  protocol: 'does not support the protocol',
  'not-auto-select': 'supports the format, but without autoSelect',
  'no-worker-spec': 'has no workerSpec',
};

const FIXES: Partial<Record<Unsuitable, string>> = {
  disabled: 'enable it (spec.disabled: false), or name another runtime',
  format: 'name a runtime that lists the format in supportedModelFormats',
  protocol: 'name a runtime that lists the protocol in protocolVersions, or take protocolVersion out',
};

function unsuitable(field: string, model: ModelView, runtime: RuntimeView, reason: Unsuitable): Report {
  const about =
    reason === 'format' ? ` ${wanted(model)}` : reason === 'protocol' ? ` ${quote(model.protocol)}` : '';
  const problem = `${runtime.kind} ${quote(runtime.name)} ${REASONS[reason]}${about}`;
  return {
    severity: 'deny',
    field,
    message: `${problem}, so KServe will not use it`,
    fix: FIXES[reason] ?? 'name another runtime',
    short: problem,
  };
}

function none(
  field: string,
  model: ModelView,
  { candidates }: Extract<RuntimeOutcome, { status: 'none' }>,
): Report {
  const shown = candidates
    .slice(0, MOST_CANDIDATES)
    .map(({ runtime, reason }) => `${quote(runtime.name)} ${REASONS[reason]}`);
  const more = candidates.length - shown.length;
  const why =
    shown.length === 0
      ? 'there is no multi-node runtime'
      : `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  return {
    severity: 'deny',
    field,
    message: `no multi-node runtime supports model format ${wanted(model)}: ${why}`,
    fix: 'name a runtime that has a workerSpec, or create one that selects this format',
    short: `no multi-node runtime supports model format ${wanted(model)}: name one`,
  };
}

function chosen(
  { key, runtimeField: field, runtimeName }: ModelView,
  outcome: Extract<RuntimeOutcome, { status: 'found' }>,
): readonly Report[] {
  const name = `${outcome.runtime.kind} ${quote(outcome.runtime.name)}`;
  if (outcome.how === 'named') return [];
  if (outcome.how === 'assumed') {
    const found =
      runtimeName === null
        ? 'no runtime is named, and which one KServe selects is not known without a catalogue'
        : 'the runtime is not known without a catalogue';
    return [
      {
        severity: 'warn',
        field,
        message: `${found}: planned as on the built-in ${quote(outcome.runtime.name)}`,
        fix: 'give the runtime with --catalog or --cluster, or in the same input',
        short: `runtime not known: planned as on the built-in ${quote(outcome.runtime.name)}`,
      },
    ];
  }
  return [
    {
      severity: 'warn',
      field,
      message: `no runtime is named, and KServe selects ${name}; another one that is created later can change that`,
      fix:
        key === 'model'
          ? `write runtime: ${visible(outcome.runtime.name)}`
          : `write model: {modelFormat: {name: ${key}}, runtime: ${visible(outcome.runtime.name)}, ...} in place of ${key}`,
      short: `no runtime is named: KServe selects ${name}`,
    },
  ];
}

function removed({ runtime, previous }: RuntimeSubject): readonly Report[] {
  if (runtime.worker !== null || previous === null || previous.worker === null) return [];
  return [
    {
      severity: 'deny',
      field: 'spec.workerSpec',
      message:
        'workerSpec was taken out, and KServe fails on the multi-node services of this runtime without it',
      fix: 'keep workerSpec, or create a runtime of another name without it',
      short: 'workerSpec was taken out: multi-node services of this runtime would fail',
    },
  ];
}

function wanted(model: ModelView): string {
  const version = model.formatVersion === null ? '' : ` version ${quote(model.formatVersion)}`;
  return `${quote(model.format)}${version}`;
}
