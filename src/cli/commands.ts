/** The commands, written out in the order in which the help lists them. */
import type { Command, Option } from './command.ts';

const HELP: Option = { short: 'h', value: null, text: 'show this help' };
const CONFIG: Option = { value: 'FILE', text: 'configuration (kind HeadcountConfig); defaults without it' };
const CATALOG: Option = {
  value: 'PATH',
  repeatable: true,
  text: 'file or directory with runtimes, PVCs and the like: what the cluster holds (repeatable)',
};
const CONNECTION: Readonly<Record<string, Option>> = {
  kubeconfig: { value: 'FILE', text: 'kubeconfig of the cluster; $KUBECONFIG or ~/.kube/config without it' },
  context: { value: 'NAME', text: 'context of the kubeconfig' },
  'kserve-namespace': { value: 'NAME', text: "namespace of KServe's ConfigMap (kserve)" },
};
const CLUSTER: Readonly<Record<string, Option>> = {
  cluster: { value: null, text: 'ask the current cluster for runtimes, PVCs and the like' },
  ...CONNECTION,
};
const MODEL: Readonly<Record<string, Option>> = {
  'model-config': {
    value: 'FILE',
    text: 'config.json (Hugging Face) of the model that is served: can vLLM split it so?',
  },
  'gpu-memory': { value: 'SIZE', text: 'memory of a GPU, such as 80Gi: do the weights fit?' },
};
const STRICT: Option = { value: null, text: 'warnings count as findings too: exit code 1' };

const INPUT = `FILE is a manifest, a directory (searched for *.yaml, *.yml and *.json), or - for standard input.
Runtimes, PVCs, Namespaces and KServe's ConfigMap inferenceservice-config in it are used; other kinds are
skipped and counted. Without a runtime among them and without --catalog, an unknown runtime is planned as
on the built-in equivalent of the guide's default, and claims are not checked.`;

const EXIT = `Exit code: 0 fine, 1 something is denied (with --strict also warned about), 2 wrong use or unreadable input.`;

export const COMMANDS: readonly Command[] = [
  {
    name: 'plan',
    summary: 'show the pods and GPUs that KServe will deploy',
    files: 'FILE...',
    details: `${INPUT}

isvc/NAME is a service as the cluster holds it, where no file is called so; its runtime and claim are then asked of the
cluster too.

-o svg=plan.svg writes a format to a file; with -o given more than once there are several documents, of which one
may go to standard output. --before takes the manifests as they were, or services as the cluster holds them
(isvc/NAME, or what kubectl get -o yaml wrote): each service is then shown and judged as an update of the one of its namespace and name.

${EXIT}`,
    options: {
      output: {
        short: 'o',
        value: 'FORMAT[=FILE]',
        repeatable: true,
        choices: ['text', 'json', 'yaml', 'mermaid', 'svg'],
        toFile: true,
        text: 'text (default), json, yaml, mermaid (for pull requests) or svg (repeatable)',
      },
      before: {
        value: 'OLD',
        text: 'show what a change does: GPUs before, after and at the peak of the roll-out',
      },
      explain: { value: null, text: 'show the arithmetic step by step' },
      namespace: { short: 'n', value: 'NAME', text: "namespace of isvc/NAME; the context's own without it" },
      ...MODEL,
      catalog: CATALOG,
      ...CLUSTER,
      config: CONFIG,
      strict: STRICT,
      help: HELP,
    },
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'render',
    summary: 'write the manifests as headcount would store them, to be committed to Git',
    files: 'FILE...',
    details: `${INPUT}

Only what headcount sets is added or changed; comments, order, quotes and every other object stay as they are, and
a second render changes nothing. Left out are headcount's record and HEAD_SVC and WORKER_SVC, which carry a
generation. The manifests go to standard output, findings to standard error. --write leaves files alone that stay
the same, or that hold a service that is denied.

${EXIT} With --check also 1 where a file would change.`,
    options: {
      write: { short: 'w', value: null, text: 'change the files instead of writing to standard output' },
      check: { value: null, text: 'only list the files that --write would change' },
      catalog: CATALOG,
      ...CLUSTER,
      config: CONFIG,
      strict: STRICT,
      help: HELP,
    },
    load: async () => (await import('./render.ts')).render,
  },
  {
    name: 'lint',
    summary: 'list every problem with its file, line and column',
    files: 'FILE...',
    details: `${INPUT}\nRuntimes in FILE are linted too; those of --catalog are not.

-o sarif=out.sarif writes a format to a file; with -o given more than once there are several documents, of which
one may go to standard output. What the annotation headcount.dev/suppress of an object names ("rule-id rule-id")
is shown as suppressed, counted, and denies nothing here; the webhook does not read it.

${EXIT}`,
    options: {
      output: {
        short: 'o',
        value: 'FORMAT[=FILE]',
        repeatable: true,
        choices: ['text', 'json', 'sarif', 'github', 'junit'],
        toFile: true,
        text: 'text (default), json, sarif, github (annotations of a workflow) or junit (repeatable)',
      },
      disable: { value: 'RULE', repeatable: true, text: 'leave a rule out of this run (repeatable)' },
      ...MODEL,
      catalog: CATALOG,
      ...CLUSTER,
      config: CONFIG,
      strict: STRICT,
      help: HELP,
    },
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'suggest',
    summary: 'list the TP x PP shapes that suit a model and a type of node, with a manifest',
    files: '',
    details: `Tensor parallel stays inside a node, pipeline stages go across: a pod for each stage, with TP GPUs. Listed are shapes
that vLLM can split the model into, with the fewest stages that leave room for the weights and the KV cache of one
context. Best first: those with room for a whole context, then the fewest nodes; where one node could hold the
model, the fewest GPUs; then the largest TP. Memory is estimated from config.json, at vLLM's default
--gpu-memory-utilization of 0.9. -o yaml writes the manifest of the first shape, -o json all of them.

Exit code: 0 fine, 1 no shape fits, 2 wrong use or unreadable input.`,
    options: {
      'model-config': {
        value: 'FILE',
        text: 'config.json (Hugging Face) of the model; - reads standard input',
      },
      'gpus-per-node': { value: 'N', text: 'GPUs of a node' },
      'gpu-memory': { value: 'SIZE', text: 'memory of a GPU, such as 80Gi' },
      output: {
        short: 'o',
        value: 'FORMAT[=FILE]',
        repeatable: true,
        choices: ['text', 'json', 'yaml'],
        toFile: true,
        text: 'text (default), json or yaml (repeatable)',
      },
      name: { value: 'NAME', text: 'name of the service in the manifest' },
      'storage-uri': { value: 'URI', text: 'where the model is (pvc://models/<name>)' },
      help: HELP,
    },
    load: async () => (await import('./suggest.ts')).suggest,
  },
  {
    name: 'explain',
    summary: 'say what a rule is about, with an example; without a rule, list them',
    files: '[RULE...]',
    details: '',
    options: { help: HELP },
    load: async () => (await import('./explain-rule.ts')).explainRule,
  },
  {
    name: 'review',
    summary: 'answer an AdmissionReview as the webhook would',
    files: 'FILE',
    details: `FILE holds an AdmissionReview of admission.k8s.io/v1 as JSON or YAML, - reads standard input. With --endpoint both,
/validate judges the object as /mutate has patched it.

Exit code: 0 allowed, 1 denied, 2 wrong use or unreadable input.`,
    options: {
      endpoint: {
        value: 'ENDPOINT',
        choices: ['validate', 'mutate', 'both'],
        text: 'validate (default), mutate or both',
      },
      catalog: CATALOG,
      ...CLUSTER,
      config: CONFIG,
      help: HELP,
    },
    load: async () => (await import('./review.ts')).review,
  },
  {
    name: 'audit',
    summary: 'plan and judge every multi-node service of a cluster',
    files: '',
    details: `Each service is judged as it is stored, without headcount's own changes: that is what KServe deployed.
A single-node service is listed where it names a multi-node runtime.

Exit code: 0 fine, 1 something would be denied (with --strict also warned about), 2 wrong use or a cluster that can't be read.`,
    options: {
      output: { short: 'o', value: 'FORMAT', choices: ['text', 'json'], text: 'text (default) or json' },
      namespace: { short: 'n', value: 'NAME', text: 'only this namespace; all of them without it' },
      ...CONNECTION,
      config: CONFIG,
      strict: STRICT,
      help: HELP,
    },
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'check',
    summary: 'ask the API server about three services, to see headcount at work',
    files: '',
    details: `One service is to be accepted, one mutated and one refused. They are sent as dry runs: nothing is stored. It
takes the right to create InferenceServices in that namespace.

Exit code: 0 all three came back as they should, 1 not, 2 wrong use or no cluster.`,
    options: {
      namespace: { short: 'n', value: 'NAME', text: "namespace to ask in; the context's own without it" },
      runtime: { value: 'NAME', text: 'multi-node runtime to name (kserve-huggingfaceserver-multinode)' },
      wait: { value: 'SECONDS', text: 'how long to go on asking until all is well (30)' },
      kubeconfig: CONNECTION['kubeconfig'] as Option,
      context: CONNECTION['context'] as Option,
      help: HELP,
    },
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'policy',
    summary: 'print the rules that need no cluster as a ValidatingAdmissionPolicy',
    files: '',
    details: `CEL that the API server runs by itself, so that these rules hold while no pod of headcount is up. It needs
Kubernetes 1.30. What it leaves to headcount is in docs/policy.md. Rules that the configuration sets to warn stand in a
policy of their own, which warns; those set to off are left out. A GPU type that only KServe's ConfigMap names is
unknown to a policy: name it under gpus.types.

  headcount policy | kubectl apply -f -`,
    options: {
      output: { short: 'o', value: 'FORMAT', choices: ['yaml', 'json'], text: 'yaml (default) or json' },
      config: CONFIG,
      help: HELP,
    },
    load: async () => (await import('./policy.ts')).policy,
  },
  {
    name: 'serve',
    summary: 'run the admission webhook',
    files: '',
    details: `HTTPS: POST /mutate and /validate. Plain HTTP: /healthz, /readyz and /metrics. Runtimes, claims and KServe's
ConfigMap are read from the cluster that the pod runs in, or that of the kubeconfig. Without --cert-dir the
replicas issue their certificates themselves, share them through the Secret <service>-certificates, and write
the CA into the webhook configurations multinode.headcount.dev. With --offline the manifests of --catalog
stand for the cluster, and without --cert-dir a certificate for localhost is made in memory. SIGTERM and
SIGINT end it.`,
    options: {
      host: { value: 'ADDRESS', text: 'address to listen on' },
      port: { value: 'PORT', text: 'HTTPS port (9443; 0 takes a free one)' },
      'ops-port': { value: 'PORT', text: 'port of health and metrics (8081; 0 takes a free one)' },
      'webhook-timeout': {
        value: 'SECONDS',
        text: 'timeoutSeconds of the webhook configurations, of which answers take all but two (5)',
      },
      'cert-dir': { value: 'DIR', text: 'directory with tls.crt and tls.key, read again when they change' },
      'client-ca': { value: 'FILE', text: 'hear only clients with a certificate of this CA' },
      service: { value: 'NAME', text: 'Service that the API server calls (headcount)' },
      namespace: { short: 'n', value: 'NAME', text: "namespace of that Service; the pod's own without it" },
      'dns-name': { value: 'NAME', repeatable: true, text: 'further name to be called by (repeatable)' },
      offline: { value: null, text: 'run without a cluster' },
      catalog: CATALOG,
      ...CONNECTION,
      config: CONFIG,
      help: HELP,
    },
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'completion',
    summary: 'write the completion script of a shell',
    files: 'SHELL',
    details: `SHELL is bash, zsh or fish:

  source <(headcount completion bash)
  headcount completion zsh > "\${fpath[1]}/_headcount"
  headcount completion fish > ~/.config/fish/completions/headcount.fish`,
    options: { help: HELP },
    load: async () => (await import('./completion.ts')).completionScript,
  },
  {
    name: 'help',
    summary: 'show this help, or that of a command',
    files: '[COMMAND]',
    details: '',
    options: { help: HELP },
    load: async () => (await import('./help.ts')).help,
  },
  {
    name: 'version',
    summary: 'show the version',
    files: '',
    details: '',
    options: { help: HELP },
    load: async () => (await import('./version.ts')).version,
  },
];

/** @returns the command of this name, null when there is none. */
export function commandOf(name: string): Command | null {
  return COMMANDS.find((command) => command.name === name) ?? null;
}
