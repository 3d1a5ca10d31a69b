/**
 * Doing what a fix says, as somebody would who reads it and nothing else. A fix that takes a person, or a cluster, is not
 * among them.
 */
import type { Finding } from '../../src/rules/rule.ts';
import type { Loose, World } from './cases.ts';

/** Takes a field path apart: `a.b[0].c[d/e]` is a, b, 0, c, d/e. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\[([^\]]+)\]|[^.[\]]+/g)].map(([step, inBrackets]) => inBrackets ?? step);
}

function valueAt(object: Loose, path: string): Loose {
  return stepsOf(path).reduce((here, step) => here?.[step], object);
}

function put(object: Loose, path: string, value: unknown): void {
  const steps = stepsOf(path);
  const holder = steps.slice(0, -1).reduce((here, step, index) => {
    const isList = /^\d+$/.test(steps[index + 1] ?? '');
    // Who writes the first container writes its name.
    const isFirstContainer = Array.isArray(here) && here.length === 0;
    return (here[step] ??= isList ? [] : isFirstContainer ? { name: 'worker-container' } : {});
  }, object);
  holder[steps.at(-1) ?? ''] = value;
}

function remove(object: Loose, path: string): void {
  const steps = stepsOf(path);
  const holder = valueAt(object, path.slice(0, path.length)) === undefined ? null : parentOf(object, steps);
  const last = steps.at(-1) ?? '';
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (holder !== null) delete holder[last];
}

function parentOf(object: Loose, steps: readonly string[]): Loose {
  return steps.slice(0, -1).reduce((here, step) => here[step], object);
}

const HEAD = 'spec.predictor.model.resources';
const WORKER = 'spec.predictor.workerSpec.containers[0].resources';
const CLAIM = 'pvc://models/llama';

/** `a.resources.requests[x]` or `a.resources`: a.resources. */
const resourcesOf = (field: string): string => field.replace(/\.(?:requests|limits)\[[^\]]+\]$/, '');
const typeOf = (field: string): string => /\[([^\]]+)\]$/.exec(field)?.[1] ?? '';

function putCount(object: Loose, resources: string, type: string, count: string): void {
  for (const part of ['requests', 'limits']) put(object, `${resources}.${part}[${type}]`, count);
}

function removeType(object: Loose, resources: string, type: string): void {
  for (const part of ['requests', 'limits']) remove(object, `${resources}.${part}[${type}]`);
}

/** Every GPU of a container in another type. */
function retype(object: Loose, resources: string, type: string): void {
  for (const part of ['requests', 'limits']) {
    const counts = valueAt(object, `${resources}.${part}`) ?? {};
    for (const [name, count] of Object.entries(counts)) {
      if (!/\/(?:gpu|gaudi)$/.test(name)) continue;
      delete counts[name];
      counts[type] = count;
    }
  }
}

interface Hand {
  /** The object that the finding's field is in. */
  readonly object: Loose;
  readonly service: Loose;
  readonly finding: Finding;
  /** What the pattern has caught. */
  readonly caught: readonly string[];
}

type Doing = (hand: Hand) => void;

/** Takes a flag and its value out of the word at a field: an argument, an argument and the next, or a script. */
function removeFlag(object: Loose, field: string, flag: string): void {
  const text: string = valueAt(object, field);
  const isAlone = text === flag;
  if (isAlone || text.startsWith(`${flag}=`)) {
    const next = field.replace(/\[(\d+)\]$/, (_all, index: string) => `[${Number(index) + 1}]`);
    if (isAlone && !String(valueAt(object, next) ?? '--').startsWith('-')) remove(object, next);
    remove(object, field);
  } else {
    const name = flag.replaceAll('-', '\\-');
    put(object, field, text.replaceAll(new RegExp(`${name}[= ]*\\S+`, 'g'), ''));
  }
}

const DOINGS: readonly (readonly [fix: RegExp, does: Doing])[] = [
  [
    /^write tensorParallelSize: (\d+) and pipelineParallelSize: (\d+)/,
    ({ service, caught: [tensor, pipeline] }) => {
      put(service, 'spec.predictor.workerSpec.tensorParallelSize', Number(tensor));
      put(service, 'spec.predictor.workerSpec.pipelineParallelSize', Number(pipeline));
    },
  ],
  [/^remove (spec\.[^\s,;]+)/, ({ object, caught: [path = ''] }) => remove(object, path)],
  [
    /(?:add|write) under metadata\.annotations: (\S+): (\S+)/,
    ({ object, caught: [key = '', value] }) => put(object, `metadata.annotations[${key}]`, value),
  ],
  [
    /add the annotation (\S+): '(\[[^']*\])'/,
    ({ object, caught: [key = '', list] }) => put(object, `metadata.annotations[${key}]`, list),
  ],
  [
    /^write a list, as in \S+: '(\[.*\])'/,
    ({ object, finding, caught: [list] }) => put(object, finding.field, list),
  ],
  [
    /^write the full name, as in (\S+)/,
    ({ object, finding, caught: [name] }) => put(object, finding.field, JSON.stringify([name])),
  ],
  [
    /^write (?:minReplicas|maxReplicas): (\d+), or remove it/,
    ({ object, finding, caught: [count] }) => put(object, finding.field, Number(count)),
  ],
  [
    /^write a whole number, as in \w+: (\d+)/,
    ({ object, finding, caught: [count] }) => put(object, finding.field, Number(count)),
  ],
  [
    /^write a whole number, as in \S+: "(\d+)"/,
    ({ object, finding: { field }, caught: [count = ''] }) =>
      putCount(object, resourcesOf(field), typeOf(field), count),
  ],
  [
    /^write (\S+): "(\d+)" into requests and limits of (\S+)$/,
    ({ object, caught: [type = '', count = '', where = ''] }) => putCount(object, where, type, count),
  ],
  [
    /^write (\S+): "(\d+)" for the head/,
    ({ object, caught: [type = '', count = ''] }) => putCount(object, HEAD, type, count),
  ],
  [
    /^write (\S+): "(\d+)" into requests and limits of head and worker/,
    ({ service, caught: [type = '', count = ''] }) => {
      putCount(service, HEAD, type, count);
      putCount(service, WORKER, type, count);
    },
  ],
  [
    /^write (\S+): "(\d+)"(?: into requests as well|, or another tensorParallelSize)?$/,
    ({ object, finding, caught: [type = '', count = ''] }) =>
      putCount(object, resourcesOf(finding.field), type, count),
  ],
  [
    /^write the same count for head and worker, such as (\S+): "(\d+)"/,
    ({ service, caught: [type = '', count = ''] }) => {
      putCount(service, HEAD, type, count);
      putCount(service, WORKER, type, count);
    },
  ],
  [
    /^ask for at least (\d+) in the head/,
    ({ service, finding: { field }, caught: [count = ''] }) =>
      putCount(service, HEAD, typeOf(field) || 'nvidia.com/gpu', count),
  ],
  [
    /^remove it(?: in the ServingRuntime "rt")?, and write (\S+): (\d+)$/,
    ({ object, service, finding, caught: [path = '', size] }) => {
      remove(object, finding.field);
      put(service, path, Number(size));
    },
  ],
  [
    /^(?:take it out, or move it|leave it out, or write the count)/,
    ({ object, finding: { field } }) => removeType(object, resourcesOf(field), typeOf(field)),
  ],
  [
    /^write it under (spec\.\S+)$/,
    ({ object, finding: { field }, caught: [where = ''] }) => {
      const count = valueAt(object, field);
      removeType(object, resourcesOf(field), typeOf(field));
      putCount(object, where, typeOf(field), count);
    },
  ],
  [
    /^write the same count in requests and limits/,
    ({ object, finding: { field } }) => {
      const resources = resourcesOf(field);
      const type = typeOf(field);
      const counts = ['requests', 'limits'].map((part) => valueAt(object, `${resources}.${part}[${type}]`));
      putCount(object, resources, type, counts.find((count) => Number(count) > 0) ?? counts[0]);
    },
  ],
  [
    /^take (\S+) out of requests and limits/,
    ({ object, finding: { field }, caught: [type = ''] }) => removeType(object, resourcesOf(field), type),
  ],
  [
    /^keep one type and take the others out/,
    ({ object, finding: { field } }) => removeType(object, resourcesOf(field), typeOf(field)),
  ],
  [
    /^ask for one type in both, such as (\S+)/,
    ({ service, caught: [type = ''] }) => {
      retype(service, HEAD, type);
      retype(service, WORKER, type);
    },
  ],
  [
    /^ask for (\S+) in head and worker in place of/,
    ({ service, caught: [type = ''] }) => {
      retype(service, HEAD, type);
      retype(service, WORKER, type);
    },
  ],
  [
    /^(?:give it another name|name it with at most 63)/,
    ({ object, finding }) => put(object, finding.field, 'another'),
  ],
  [
    /^(?:keep one of the two|give "[^"]*" with value(?:From)? here too, or remove it)/,
    ({ object, finding }) => remove(object, finding.field),
  ],
  [/^remove rollingUpdate/, ({ object, finding }) => remove(object, finding.field)],
  [
    /^write at most (\d+) characters/,
    ({ object, finding: { field }, caught: [most] }) =>
      put(object, field, String(valueAt(object, field)).slice(0, Number(most))),
  ],
  [/^begin with a letter, and use/, ({ object, finding }) => put(object, finding.field, 'llama')],
  [/^write (llama)$/, ({ object, finding, caught: [name] }) => put(object, finding.field, name)],
  [
    /^write (spec\.\S+\.image): "([^"]+)"(?:, or remove runtimeVersion)?$/,
    ({ service, caught: [path = '', image] }) => put(service, path, image),
  ],
  [
    /^remove (?:it, and install the modules|[A-Z_]+(?: in the ServingRuntime "rt")?$)/,
    ({ object, finding }) => remove(object, finding.field),
  ],
  [
    /deploymentStrategy: \{type: Recreate\}/,
    ({ service }) => put(service, 'spec.predictor.deploymentStrategy', { type: 'Recreate' }),
  ],
  [
    /^write runtime: (\S+)$/,
    ({ service, caught: [name] }) => put(service, 'spec.predictor.model.runtime', name),
  ],
  [
    /^write model: \{modelFormat: \{name: (\w+)\}, runtime: (\S+)[,}]/,
    ({ service: { spec }, caught: [shorthand = ''] }) => {
      const { runtime: _named, ...rest } = spec.predictor[shorthand];
      spec.predictor.model = { ...rest, modelFormat: { name: shorthand }, runtime: 'rt' };
      delete spec.predictor[shorthand];
    },
  ],
  [
    /^write (?:the same|it|affinity\.\w+|the same toleration) under workerSpec/,
    ({ service: { spec }, finding: { field } }) => {
      const key = stepsOf(field).at(-1) ?? '';
      spec.predictor.workerSpec[key] = spec.predictor[key];
    },
  ],
  [
    /^write pvc:\/\/<claim>\/<path>|^write the name of a claim/,
    ({ object, finding }) => put(object, finding.field, CLAIM),
  ],
  [
    /^remove storage(?:Uris)?, and in (\S+) write pvc:/,
    ({ object, finding, caught: [path = ''] }) => {
      remove(object, finding.field);
      put(object, path, CLAIM);
    },
  ],
  [
    /^write \{\{`\{\{`\}\} for each \{\{/,
    ({ object, finding: { field } }) => {
      const path = /\.env\[\d+\]$/.test(field) ? `${field}.value` : field;
      put(object, path, String(valueAt(object, path)).replaceAll('{{', '{{`{{`}}'));
    },
  ],
  [
    /^write (\S+) in place of "([^"]+)"$/,
    ({ object, finding: { field }, caught: [type = '', given = ''] }) => {
      const resources = resourcesOf(field);
      const count = valueAt(object, field);
      removeType(object, resources, given);
      putCount(object, resources, type, count);
    },
  ],
  [
    /^write \$\(ISVC_NAME\)/,
    ({ object, finding: { field } }) =>
      put(object, field, String(valueAt(object, field)).replaceAll(/\{\{[^}]*\}\}/g, '$(ISVC_NAME)')),
  ],
  [
    /^write (spec\.predictor\.workerSpec|containers|tensorParallelSize|pipelineParallelSize)$/,
    ({ object, finding: { field }, caught: [right = ''] }) => {
      const value = valueAt(object, field);
      remove(object, field);
      const parent = field.slice(0, Math.max(0, field.lastIndexOf('.')));
      put(object, right.startsWith('spec.') ? right : `${parent}.${right}`, value);
    },
  ],
  [
    /^remove (-\S+?), (?:pass it|and use)/,
    ({ object, finding: { field }, caught: [flag = ''] }) => removeFlag(object, field, flag),
  ],
  [
    /^remove (--\S+?), and serve more/,
    ({ object, finding: { field }, caught: [flag = ''] }) => removeFlag(object, field, flag),
  ],
  [
    /^add the argument (--[^\s:]+):/,
    ({ service: { spec }, caught: [argument] }) => (spec.predictor.model.args ??= []).push(argument),
  ],
  [
    /^write a tensorParallelSize of (?:.*(?:,| or) )?(\d+)/,
    ({ service, caught: [size] }) =>
      put(service, 'spec.predictor.workerSpec.tensorParallelSize', Number(size)),
  ],
  [
    /^write a pipelineParallelSize of at most (\d+)/,
    ({ service, caught: [size] }) =>
      put(service, 'spec.predictor.workerSpec.pipelineParallelSize', Number(size)),
  ],
  [/^name it worker-container/, ({ object, finding }) => put(object, finding.field, 'worker-container')],
  [
    /^write (?:containers: \[\{name: worker-container\}\]|one container named worker-container)/,
    ({ object, finding }) => put(object, finding.field, [{ name: 'worker-container' }]),
  ],
];

/** @returns what does as the fix says in a row's world; null where it takes a person */
export function followed(finding: Finding): ((world: World) => void) | null {
  for (const [pattern, does] of DOINGS) {
    const [all, ...caught] = pattern.exec(finding.fix) ?? [];
    if (all === undefined) continue;
    return (world) => {
      for (const service of new Set([world.service, world.declared ?? world.service])) {
        const object = finding.owner === 'runtime' ? world.runtime : service;
        does({ object, service, finding, caught });
      }
    };
  }
  return null;
}
