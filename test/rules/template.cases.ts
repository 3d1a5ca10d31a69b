import type { RuleCases, World } from './cases.ts';

const ARG = 'spec.predictor.model.args[0]';
const JINJA = '{% for m in messages %}{{ m.content }}{% endfor %}';

export const cases: RuleCases = {
  rule: 'template',
  service: [
    {
      name: 'a chat template in the args is refused',
      change: ({ service }) => (service.spec.predictor.model.args = [`--chat-template=${JINJA}`]),
      expect: { severity: 'deny', field: ARG, says: /"\{\{ m\.content.*function "m" not defined/ },
    },
    {
      name: 'the same with its braces escaped passes',
      change: ({ service }) =>
        (service.spec.predictor.model.args = [`--chat-template=${JINJA.replaceAll('{{', '{{`{{`}}')}`]),
      expect: null,
    },
    {
      name: 'a field that the metadata does not have is refused, in env',
      change: ({ service }) => (service.spec.predictor.model.env = [{ name: 'A', value: '{{.Spec.Name}}' }]),
      expect: { severity: 'deny', field: 'spec.predictor.model.env[0]', says: /can't evaluate field Spec/ },
    },
    {
      name: 'a quote in a template is refused, since KServe executes JSON',
      change: ({ service }) => (service.spec.predictor.model.args = ['{{ printf "%s-x" .Name }}']),
      expect: { severity: 'deny', field: ARG, says: /unexpected/ },
    },
    {
      name: 'the same with backquotes passes',
      change: ({ service }) => (service.spec.predictor.model.args = ['{{ printf `%s-x` .Name }}']),
      expect: null,
    },
    {
      name: 'an annotation whose text ends the JSON string is refused',
      change: ({ service }) => {
        service.metadata.annotations.note = 'say "x"';
        service.spec.predictor.model.args = ['{{ .Annotations.note }}'];
      },
      expect: { severity: 'deny', field: ARG, says: /it prints say "x", which is no JSON/ },
    },
    {
      name: 'an annotation of plain text passes, and one that is not there yet',
      change: ({ service }) => {
        service.metadata.annotations.note = 'x';
        service.spec.predictor.model.args = ['{{ .Annotations.note }} {{ .Labels.none }}'];
      },
      expect: null,
    },
    {
      name: 'each word that fails is named',
      change: ({ service }) => (service.spec.predictor.model.args = ['{{ a }}', '{{ .Name }}', '{{ b }}']),
      expect: [
        { severity: 'deny', field: ARG },
        { severity: 'deny', field: 'spec.predictor.model.args[2]' },
      ],
    },
    {
      name: 'what begins in one word and ends in another passes',
      change: ({ service }) => (service.spec.predictor.model.args = ['{{if .Labels.x}}', '-v', '{{end}}']),
      expect: null,
    },
    {
      name: "a failing template in the runtime's head is refused, naming the runtime",
      change: ({ runtime }) => (runtime.spec.containers[0].args = ['{{ .Status }}']),
      expect: { severity: 'deny', field: 'spec.containers[0].args[0]', says: /in the ServingRuntime "rt"/ },
    },
    {
      name: "a command of the service replaces the runtime's",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['{{ .Status }}'];
        service.spec.predictor.model.command = ['run'];
      },
      expect: null,
    },
    {
      name: 'an env value of the service replaces that of the runtime',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [{ name: 'A', value: '{{ .Status }}' }];
        service.spec.predictor.model.env = [{ name: 'A', value: 'x' }];
      },
      expect: null,
    },
    {
      name: 'of an env that the runtime gives twice KServe executes both',
      change: ({ runtime }) =>
        (runtime.spec.containers[0].env = [
          { name: 'A', value: '{{ .Status }}' },
          { name: 'A', value: 'x' },
        ]),
      expect: { severity: 'deny', field: 'spec.containers[0].env[0]' },
    },
    {
      name: 'of those two the service replaces the first',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].env = [
          { name: 'A', value: '{{ .Status }}' },
          { name: 'A', value: 'x' },
        ];
        service.spec.predictor.model.env = [{ name: 'A', value: 'y' }];
      },
      expect: null,
    },
    {
      name: 'a transformer-container is executed as well',
      change: ({ service }) =>
        (service.spec.predictor.containers = [
          { name: 'side', args: ['{{ a }}'] },
          { name: 'transformer-container', args: ['{{ b }}'] },
        ]),
      expect: { severity: 'deny', field: 'spec.predictor.containers[1].args[0]', says: /"b" not defined/ },
    },
    {
      name: 'a placeholder in the args of the worker is warned of',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].args = ['--name={{.Name}}']),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.workerSpec.containers[0].args[0]',
        says: /"\{\{\.Name\}\}" stays as it is/,
      },
    },
    {
      name: 'braces of another language in the worker pass',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].args = [JINJA]),
      expect: null,
    },
    ...Object.entries({
      'readinessProbe.exec.command[2]': { readinessProbe: { exec: { command: ['sh', '-c', '{{ x }}'] } } },
      'lifecycle.postStart.exec.command[0]': { lifecycle: { postStart: { exec: { command: ['{{ x }}'] } } } },
      'volumeMounts[0].subPath': { volumeMounts: [{ name: 'a', mountPath: '/a', subPath: '{{ x }}' }] },
      workingDir: { workingDir: '/{{ x }}' },
      image: { image: 'vllm:{{ x }}' },
    }).map(([field, fields]) => ({
      name: `KServe executes ${field} of the head as well`,
      change: ({ service }: World) => Object.assign(service.spec.predictor.model, fields),
      expect: {
        severity: 'deny' as const,
        field: `spec.predictor.model.${field}`,
        says: /function "x" not defined/,
      },
    })),
    {
      name: 'a probe of the runtime is executed, too',
      change: ({ runtime }) => (runtime.spec.containers[0].livenessProbe.exec.command = ['{{ x }}']),
      expect: {
        severity: 'deny',
        field: 'spec.containers[0].livenessProbe.exec.command[0]',
        says: /in the ServingRuntime "rt" as a Go template/,
      },
    },
    {
      name: "it passes where the service's command replaces it",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].livenessProbe.exec.command = ['{{ x }}'];
        service.spec.predictor.model.livenessProbe = { exec: { command: ['true'] } };
      },
      expect: null,
    },
    {
      name: 'it stays where the service gives other numbers of the probe only',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].livenessProbe.exec.command = ['{{ x }}'];
        service.spec.predictor.model.livenessProbe = { periodSeconds: 5 };
      },
      expect: { severity: 'deny', field: 'spec.containers[0].livenessProbe.exec.command[0]' },
    },
    {
      name: 'mounts of the runtime, beside those of the service, are left open',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].volumeMounts = [{ name: 'a', mountPath: '/a', subPath: '{{ x }}' }];
        service.spec.predictor.model.volumeMounts = [{ name: 'b', mountPath: '/b' }];
      },
      expect: null,
    },
    {
      name: 'a probe of the worker is no template',
      change: ({ service }) =>
        (service.spec.predictor.workerSpec.containers[0].livenessProbe = { exec: { command: ['{{ x }}'] } }),
      expect: null,
    },
    {
      name: 'a template in a probe that KServe can execute passes',
      change: ({ service }) =>
        (service.spec.predictor.model.livenessProbe = { exec: { command: ['curl', '{{.Name}}/v1'] } }),
      expect: null,
    },
    {
      name: 'a service without workerSpec is not judged',
      change: ({ service }) => {
        delete service.spec.predictor.workerSpec;
        service.spec.predictor.model.args = [JINJA];
      },
      expect: null,
    },
  ],
  runtime: [
    {
      name: 'a template in the head that KServe can not execute is refused',
      change: ({ runtime }) => (runtime.spec.containers[0].args = ['--name={{.name}}']),
      expect: { severity: 'deny', field: 'spec.containers[0].args[0]', says: /can't evaluate field name/ },
    },
    {
      name: 'in a probe it is refused as well',
      change: ({ runtime }) => (runtime.spec.containers[0].readinessProbe.exec.command = ['{{ x }}']),
      expect: { severity: 'deny', field: 'spec.containers[0].readinessProbe.exec.command[0]' },
    },
    {
      name: 'names that a service will have pass',
      change: ({ runtime }) =>
        (runtime.spec.containers[0].args = ['{{.Name}} {{.Namespace}} {{.Labels.team}}']),
      expect: null,
    },
    {
      name: 'a placeholder in the worker is warned of',
      change: ({ runtime }) => (runtime.spec.workerSpec.containers[0].args = ['{{.Name}}']),
      expect: { severity: 'warn', field: 'spec.workerSpec.containers[0].args[0]' },
    },
  ],
};
