/** Arguments and commands: sizes for vLLM, templates for KServe. */
import { anyContainer, append, modelOf, runtimeHeadOf, type Twist } from './world.ts';

const TEMPLATES = [
  '{{.Name}}',
  '{{ .Namespace }}',
  '{{.Labels.team}}',
  '{{.Annotations.team}}',
  '{{ .Nothing }}',
  '{{ messages[0] }}',
  '{{',
  '{{ if .Name }}x{{ end }}',
  "{{ 'x' }}",
  '{% for m in messages %}{{ m }}{% endfor %}',
];

export const args: Readonly<Record<string, Twist>> = {
  sizesAsArgs: (world, pick) =>
    append(
      anyContainer(world, pick),
      'args',
      `${pick(['--tensor-parallel-size', '--pipeline-parallel-size', '-tp', '-pp'])}=${pick([1, 2, 4, 8])}`,
    ),
  sizesInShell: (world, pick) => {
    const container = pick([modelOf, runtimeHeadOf])(world);
    container.command = ['bash', '-c'];
    container.args = [
      pick([
        'vllm serve /mnt/models --tensor-parallel-size ${TENSOR_PARALLEL_SIZE}',
        'vllm serve /mnt/models --tensor-parallel-size 2 --pipeline-parallel-size 2',
        'if [ -n "$X" ]; then vllm serve /mnt/models -tp 3; fi',
      ]),
    ];
  },
  dataParallel: (world, pick) => append(modelOf(world), 'args', `--data-parallel-size=${pick([1, 2, 4])}`),
  backendArg: (world, pick) =>
    append(modelOf(world), 'args', `--distributed-executor-backend=${pick(['ray', 'mp', 'uni'])}`),
  noArgs: (world) => {
    delete modelOf(world).args;
  },
  template: (world, pick) => append(anyContainer(world, pick), 'args', pick(TEMPLATES)),
  templateInCommand: (world, pick) => {
    anyContainer(world, pick).command = ['bash', '-c', pick(TEMPLATES)];
  },
  templateElsewhere: (world, pick) => {
    const text = pick(TEMPLATES);
    const command = ['bash', '-c', text];
    const fields = pick([
      { readinessProbe: { exec: { command }, periodSeconds: 5 } },
      { lifecycle: { postStart: { exec: { command } } } },
      { workingDir: text },
      { livenessProbe: { httpGet: { path: '/', port: 8080, httpHeaders: [{ name: 'Host', value: text }] } } },
    ]);
    const containers = pick([
      [runtimeHeadOf(world)],
      [modelOf(world)],
      [runtimeHeadOf(world), modelOf(world)],
    ]);
    for (const container of containers) Object.assign(container, structuredClone(fields));
    if (pick([false, false, true]))
      Object.assign(modelOf(world), { readinessProbe: { tcpSocket: { port: 1 } } });
  },
  templateInEnv: (world, pick) =>
    append(anyContainer(world, pick), 'env', { name: 'TEMPLATE', value: pick(TEMPLATES) }),
};
