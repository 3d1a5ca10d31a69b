import { HeldRuntime } from '../../src/cluster/held-runtime.ts';
import { releaseNamed } from '../../src/kserve/releases.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { on, type Loose, type RuleCases, type World } from './cases.ts';

const RAY = '--distributed-executor-backend=ray';
const setArgs = (service: Loose, ...args: readonly string[]): Loose =>
  (service.spec.predictor.model.args = [RAY, ...args]);
const FIELD = 'spec.predictor.model.args[1]';
const SCRIPT = 'spec.predictor.model.command[2]';
const script = (service: Loose, text: string): Loose =>
  (service.spec.predictor.model.command = ['bash', '-c', text]);
const LONG = 'x'.repeat(70_000);

/** As a cluster holds it: without words that are too long. */
function held(world: World): void {
  world.outcome = { status: 'found', how: 'named', runtime: HeldRuntime.of(world.runtime).view };
}

export const cases: RuleCases = {
  rule: 'vllm-args',
  service: [
    {
      name: 'args in one text are not read, so that nothing is known of the Ray executor',
      change: ({ service }) => (service.spec.predictor.model.args = '--max-model-len 4096'),
      expect: null,
    },
    {
      name: 'another TP in the args is refused, since args win',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=4'),
      expect: {
        severity: 'deny',
        field: FIELD,
        says: /--tensor-parallel-size 4 wins over tensorParallelSize 8/,
      },
    },
    {
      name: 'another PP in the args is refused',
      change: ({ service }) => setArgs(service, '--pipeline-parallel-size=4'),
      expect: { severity: 'deny', field: FIELD, says: /pipelineParallelSize 2/ },
    },
    {
      name: 'the value may stand in the next argument',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size', '4'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'underscores are dashes to vLLM',
      change: ({ service }) => setArgs(service, '--tensor_parallel_size=4'),
      expect: { severity: 'deny', field: FIELD, says: /--tensor_parallel_size 4/ },
    },
    {
      name: 'the short form -tp counts',
      change: ({ service }) => setArgs(service, '-tp', '4'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'the short form -pp=4 counts',
      change: ({ service }) => setArgs(service, '-pp=4'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'a beginning that argparse completes counts',
      change: ({ service }) => setArgs(service, '--tensor-parallel=4'),
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'the declared sizes in the args pass',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=8', '-pp', '2'),
      expect: null,
    },
    {
      name: 'a size in a variable passes, in each notation',
      change: ({ service }) =>
        setArgs(service, '--tensor-parallel-size=$(TENSOR_PARALLEL_SIZE)', '-pp=$(PIPELINE_PARALLEL_SIZE)'),
      expect: null,
    },
    {
      name: 'a variable in the notation of a shell is warned of where no shell expands it',
      // oxlint-disable-next-line no-template-curly-in-string -- a shell variable, as it stands in a manifest
      change: ({ service }) => setArgs(service, '--tensor-parallel-size', '${TENSOR_PARALLEL_SIZE}'),
      expect: {
        severity: 'warn',
        field: FIELD,
        says: /reaches vLLM as it stands/,
      },
    },
    {
      name: 'a default of a variable is no more expanded than the variable',
      // oxlint-disable-next-line no-template-curly-in-string -- a shell variable, as it stands in a manifest
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=${TENSOR_PARALLEL_SIZE:-8}'),
      expect: {
        severity: 'warn',
        field: FIELD,
        says: /reaches vLLM as it stands/,
        fix: /^write \$\(TENSOR_PARALLEL_SIZE\) in place of \$\{TENSOR_PARALLEL_SIZE:-8\}$/,
      },
    },
    {
      name: 'a shell expands the default of a variable in its script',
      change: ({ service }) =>
        (service.spec.predictor.model.command = [
          'bash',
          '-c',
          // oxlint-disable-next-line no-template-curly-in-string -- a shell variable, as it stands in a manifest
          'vllm serve /mnt/models --tensor-parallel-size ${TENSOR_PARALLEL_SIZE:-4} ' + RAY,
        ]),
      expect: null,
    },
    {
      name: 'the number of pods is another number than the tensor parallel size',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=$(RAY_NODE_COUNT)'),
      expect: {
        severity: 'deny',
        field: FIELD,
        says: /^--tensor-parallel-size \$\(RAY_NODE_COUNT\), which is 2, wins over tensorParallelSize 8/,
      },
    },
    {
      name: 'the number of pods is the pipeline parallel size',
      change: ({ service }) => setArgs(service, '--pipeline-parallel-size=$(RAY_NODE_COUNT)'),
      expect: null,
    },
    {
      name: 'the number of pods in a script is warned of, since the script may set it anew',
      change: ({ service }) =>
        (service.spec.predictor.model.command = [
          'bash',
          '-c',
          // oxlint-disable-next-line no-template-curly-in-string -- a shell variable, as it stands in a manifest
          'vllm serve /mnt/models --tensor-parallel-size ${RAY_NODE_COUNT} ' + RAY,
        ]),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.command[2]',
        says: /\$\{RAY_NODE_COUNT\}, which is 2, would win/,
        fix: /^write \$\{TENSOR_PARALLEL_SIZE\} in place of \$\{RAY_NODE_COUNT\}$/,
      },
    },
    {
      name: "an env of the service's own is the number that vLLM gets",
      change: ({ service }) => {
        setArgs(service, '--tensor-parallel-size=$(TP)');
        service.spec.predictor.model.env = [{ name: 'TP', value: '4' }];
      },
      expect: { severity: 'deny', field: FIELD, says: /\$\(TP\), which is 4, wins over/ },
    },
    {
      name: 'an env from elsewhere may be the right number',
      change: ({ service }) => {
        setArgs(service, '--tensor-parallel-size=$(TP)');
        service.spec.predictor.model.env = [{ name: 'TP', valueFrom: { configMapKeyRef: {} } }];
      },
      expect: null,
    },
    {
      name: 'an envFrom may hold any env',
      change: ({ service }) => {
        setArgs(service, '--tensor-parallel-size=$(TP)');
        service.spec.predictor.model.envFrom = [{ configMapRef: { name: 'sizes' } }];
      },
      expect: null,
    },
    {
      name: 'an env that the container does not have is left as it stands',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=$(TP)'),
      expect: {
        severity: 'warn',
        field: FIELD,
        says: /^--tensor-parallel-size \$\(TP\) reaches vLLM as it stands: Kubernetes finds no env "TP"/,
        fix: /^write \$\(TENSOR_PARALLEL_SIZE\) in place of \$\(TP\)$/,
      },
    },
    {
      name: 'the sizes in the env of a worker of KServe 0.17 are not known, and not missing',
      change: (world) => {
        on('0.17')(world);
        world.service.spec.predictor.workerSpec.containers[0].args = [
          '--tensor-parallel-size=$(TENSOR_PARALLEL_SIZE)',
        ];
      },
      expect: null,
    },
    {
      name: 'two dollars are an escaped one',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=$$(TENSOR_PARALLEL_SIZE)'),
      expect: {
        severity: 'warn',
        field: FIELD,
        says: /reaches vLLM as \$\(TENSOR_PARALLEL_SIZE\): Kubernetes takes \$\$ for an escaped \$/,
        fix: /^write \$\(TENSOR_PARALLEL_SIZE\) in place of \$\$\(TENSOR_PARALLEL_SIZE\)$/,
      },
    },
    {
      name: 'a size without a value is warned of at the end of the arguments',
      change: ({ service }) => setArgs(service, '--max-model-len=4096', '--tensor-parallel-size'),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.args[2]',
        says: /^--tensor-parallel-size has no value, so that vLLM ends with an error$/,
        fix: /^write --tensor-parallel-size=\$\(TENSOR_PARALLEL_SIZE\)$/,
      },
    },
    {
      name: 'a size without a value is warned of in front of another flag',
      change: ({ service }) => setArgs(service, '--pipeline-parallel-size', '--max-model-len=4096'),
      expect: { severity: 'warn', field: FIELD, says: /^--pipeline-parallel-size has no value/ },
    },
    {
      name: 'a size that is no number is warned of',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size=eight'),
      expect: { severity: 'warn', field: FIELD, says: /eight is no whole number, so that vLLM ends/ },
    },
    {
      name: "a size in KServe's template passes",
      change: ({ service }) => setArgs(service, '--tensor-parallel-size={{.Annotations.tp}}'),
      expect: null,
    },
    {
      name: "a shell's variable for the back end is warned of where no shell expands it",
      change: ({ service }) =>
        (service.spec.predictor.model.args = ['--distributed-executor-backend=$BACKEND']),
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.args[0]',
        says: /^--distributed-executor-backend \$BACKEND reaches vLLM as it stands/,
        fix: /^write ray in place of \$BACKEND$/,
      },
    },
    {
      name: 'a flag of another program that only contains the name passes',
      change: ({ service }) => setArgs(service, '--draft-tensor-parallel-size=1', '--top-p=4'),
      expect: null,
    },
    {
      name: 'a size in a shell script is read',
      change: ({ service }) =>
        (service.spec.predictor.model.command = [
          'bash',
          '-c',
          `ray start --head; vllm serve /mnt/models --tensor-parallel-size '4' ${RAY}`,
        ]),
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.command[2]',
        says: /wins over tensorParallelSize 8/,
      },
    },
    {
      name: 'a size in a comment of a script is not run',
      change: ({ service }) =>
        (service.spec.predictor.model.command = [
          'bash',
          '-c',
          `# once: --tensor-parallel-size=4\nvllm serve /mnt/models ${RAY}`,
        ]),
      expect: null,
    },
    {
      name: 'a # inside quotes is no comment',
      change: ({ service }) =>
        script(
          service,
          `vllm serve /mnt/models --served-model-name '#1 model' --tensor-parallel-size 4 ${RAY}`,
        ),
      expect: { severity: 'deny', field: SCRIPT },
    },
    {
      name: 'a size in a branch of a script may not run, and draws a warning',
      change: ({ service }) =>
        script(
          service,
          `if [ "$N" -gt 1 ]; then vllm serve m ${RAY}; else vllm serve m --tensor-parallel-size 1; fi`,
        ),
      expect: { severity: 'warn', field: SCRIPT, says: /would win .* if it reaches vLLM$/ },
    },
    {
      name: 'a size behind || may not run',
      change: ({ service }) => script(service, `vllm serve m ${RAY} || vllm serve m -tp 1`),
      expect: { severity: 'warn', field: SCRIPT },
    },
    {
      name: 'a size behind && of a command that is no test runs',
      change: ({ service }) => script(service, `cd /srv && exec vllm serve m -tp 4 ${RAY}`),
      expect: { severity: 'deny', field: SCRIPT },
    },
    {
      name: 'flags of another server are none of vLLM, and it needs no Ray executor',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['python3', '-m', 'sglang.launch_server'];
        service.spec.predictor.model.args = ['--tensor-parallel-size', '16', '--data-parallel-size', '8'];
      },
      expect: null,
    },
    {
      name: 'a size of a program that is not known to be vLLM draws a warning',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['/start.sh'];
        service.spec.predictor.model.args = ['--tensor-parallel-size', '16'];
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.args[0]',
        says: /^--tensor-parallel-size 16 would win over tensorParallelSize 8, .*, if it reaches vLLM$/,
      },
    },
    {
      name: 'so does a data parallel size',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['/start.sh'];
        service.spec.predictor.model.args = ['--data-parallel-size', '8'];
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.args[0]',
        says: /^--data-parallel-size 8 would change how many processes vLLM starts if it reaches vLLM, but/,
      },
    },
    {
      name: 'a program that has vLLM in the name of a file is not vLLM',
      change: ({ service }) =>
        script(
          service,
          'python3 convert.py --out-dir /mnt/vllm-cache --tensor-parallel-size 4; exec /start.sh ' + RAY,
        ),
      expect: { severity: 'warn', field: SCRIPT, says: /if it reaches vLLM/ },
    },
    {
      name: 'a command behind exec is never reached',
      change: ({ service }) => script(service, `exec vllm serve m -tp 8 -pp 2 ${RAY}\nvllm serve m -tp 4`),
      expect: { severity: 'warn', field: SCRIPT },
    },
    {
      name: 'a size behind && of a question may not run',
      change: ({ service }) => script(service, `grep -q x /y && vllm serve m -tp 4 ${RAY}`),
      expect: { severity: 'warn', field: SCRIPT },
    },
    {
      name: 'a size behind && of ray start runs',
      change: ({ service }) =>
        script(service, `ray start --head 2>&1 && python -m huggingfaceserver -tp 4 ${RAY}`),
      expect: { severity: 'deny', field: SCRIPT },
    },
    {
      name: "another program's -tp is none of vLLM's",
      change: ({ service }) => script(service, `ss -tp 1; vllm serve m ${RAY}`),
      expect: null,
    },
    {
      name: 'text that is only said is not run',
      change: ({ service }) => script(service, `echo "use --tensor-parallel-size 4"; vllm serve m ${RAY}`),
      expect: null,
    },
    {
      name: 'text of a here-document is not run',
      change: ({ service }) =>
        script(
          service,
          `cat <<EOF > /tmp/notes\nvllm serve m --tensor-parallel-size 4\nEOF\nvllm serve m ${RAY}`,
        ),
      expect: null,
    },
    {
      name: 'a size in a variable of a script may reach vLLM',
      change: ({ service }) => script(service, `ARGS="--tensor-parallel-size 4"; vllm serve m ${RAY} $ARGS`),
      expect: { severity: 'warn', field: SCRIPT, says: /--tensor-parallel-size 4 would win/ },
    },
    {
      name: 'a size in a program that may start vLLM draws a warning',
      change: ({ service }) => script(service, `./serve.sh --tensor-parallel-size 4 ${RAY}`),
      expect: { severity: 'warn', field: SCRIPT },
    },
    {
      name: 'the value of another flag is no flag',
      change: ({ service }) =>
        setArgs(service, '--chat-template', '{% if x %} --tensor-parallel-size 4 {% endif %}'),
      expect: null,
    },
    {
      name: 'the value of another flag in a script is no flag',
      change: ({ service }) =>
        script(service, `vllm serve m ${RAY} --chat-template '{# --tensor-parallel-size 4 #}' -tp 8`),
      expect: null,
    },
    {
      name: 'one argument with a blank in it is no flag of vLLM, but may be meant for one',
      change: ({ service }) => setArgs(service, '--tensor-parallel-size 4'),
      expect: { severity: 'warn', field: FIELD },
    },
    {
      name: 'a substitution with quotes in it hides nothing behind it',
      change: ({ service }) =>
        script(service, `N="$(echo "$A" | grep -c ".")"; vllm serve "$M" --tensor-parallel-size=4 ${RAY}`),
      expect: { severity: 'deny', field: SCRIPT },
    },
    {
      name: 'args behind a script that passes them on reach vLLM',
      change: ({ service }) => {
        script(service, `vllm serve m ${RAY} "$@"`);
        setArgs(service, '--tensor-parallel-size=4');
      },
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'args behind a script that does not may be lost',
      change: ({ service }) => {
        script(service, `vllm serve m ${RAY}`);
        setArgs(service, '--tensor-parallel-size=4');
      },
      expect: { severity: 'warn', field: FIELD },
    },
    {
      name: 'behind other arguments of the service, a script with "$@" passes the back end on',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c', 'ray start --head; vllm serve /mnt/models "$@"'];
        service.spec.predictor.model.args = ['vllm', '--max-model-len=4096'];
      },
      expect: {
        severity: 'note',
        field: 'spec.predictor.model.args',
        fix: /^add the argument --distributed/,
      },
    },
    {
      name: 'flags of the service that a script does not pass on are noted',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c', `vllm serve /mnt/models ${RAY}`];
        service.spec.predictor.model.args = ['--max-model-len=4096'];
      },
      expect: {
        severity: 'note',
        field: 'spec.predictor.model.args[0]',
        says: /does not reach vLLM: the script of the ServingRuntime "rt" passes no arguments on/,
        fix: /^write "\$@" behind the command of vLLM in the script of the ServingRuntime "rt"$/,
      },
    },
    {
      name: 'a script that reads its arguments one by one may pass on any',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c', `vllm serve "$1" ${RAY}`];
        service.spec.predictor.model.args = ['--max-model-len=4096'];
      },
      expect: null,
    },
    {
      name: 'the first argument of the service is $0 of such a script',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c', 'ray start --head; vllm serve /mnt/models "$@"'];
        delete service.spec.predictor.model.args;
      },
      expect: {
        severity: 'note',
        field: 'spec.predictor.model.args',
        fix: /^put --distributed.* into the script/,
      },
    },
    {
      name: 'a size in the args of the worker is refused',
      change: ({ service }) => (service.spec.predictor.workerSpec.containers[0].args = ['-tp', '4']),
      expect: { severity: 'deny', field: 'spec.predictor.workerSpec.containers[0].args[0]' },
    },
    {
      name: "a size in the runtime's args is refused, naming the runtime",
      change: ({ runtime }) => (runtime.spec.containers[0].args = ['--tensor-parallel-size=4']),
      expect: { severity: 'deny', field: 'spec.containers[0].args[0]', says: /in the ServingRuntime "rt"/ },
    },
    {
      name: "a size in a script of the runtime's worker is refused",
      change: ({ runtime }) =>
        (runtime.spec.workerSpec.containers[0].command = [
          'sh',
          '-c',
          'vllm serve x --pipeline-parallel-size 4',
        ]),
      expect: { severity: 'deny', field: 'spec.workerSpec.containers[0].command[2]' },
    },
    {
      name: "the service's args stand behind the runtime's, so the last size counts",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].args = ['--tensor-parallel-size=4'];
        setArgs(service, '--tensor-parallel-size=8');
      },
      expect: null,
    },
    {
      name: "a command of the service replaces the runtime's",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['vllm', 'serve', '-tp', '4'];
        service.spec.predictor.model.command = ['vllm', 'serve'];
      },
      expect: null,
    },
    {
      name: 'the size that case 2 made of the declared one passes',
      change: (world) => {
        setArgs(world.service, '-tp', '8');
        world.declared = structuredClone(world.service);
        world.declared.spec.predictor.workerSpec.tensorParallelSize = 16;
        delete world.declared.spec.predictor.workerSpec.pipelineParallelSize;
      },
      expect: null,
    },
    {
      name: 'a size that only a forged record declares is refused',
      change: (world) => {
        setArgs(world.service, '-tp', '16');
        world.declared = structuredClone(world.service);
        world.declared.spec.predictor.workerSpec.tensorParallelSize = 16;
      },
      expect: { severity: 'deny', field: FIELD, says: /16 wins over tensorParallelSize 8/ },
    },
    {
      name: 'without a runtime the size in the service counts',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        setArgs(world.service, '-tp', '4');
      },
      expect: { severity: 'deny', field: FIELD },
    },
    {
      name: 'without a runtime a size that the service does not declare is not known',
      change: (world) => {
        world.outcome = { status: 'missing', name: 'rt' };
        setArgs(world.service, '-tp', '4');
        delete world.service.spec.predictor.workerSpec.tensorParallelSize;
      },
      expect: null,
    },
    {
      name: 'the mp executor on several nodes of Ray is warned of',
      change: ({ service }) => setArgs(service, '--distributed-executor-backend=mp'),
      expect: {
        severity: 'warn',
        field: FIELD,
        says: /is told --distributed-executor-backend mp, and does not use the Ray cluster/,
        fix: /^write ray in place of mp$/,
      },
    },
    {
      name: 'a runtime that asks for mp, on a release without it, is left to kserve-release',
      change: ({ service, runtime, kserve }) => {
        kserve.release = releaseNamed('0.17');
        runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
        setArgs(service, '--distributed-executor-backend=mp');
      },
      expect: null,
    },
    {
      name: "behind a script, the first word is $0 and no argument of vLLM's",
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c'];
        runtime.spec.containers[0].args = ['vllm serve /mnt/models --distributed-executor-backend ray "$@"'];
        service.spec.predictor.model.args = ['--tensor-parallel-size=4', '--max-model-len=32768'];
      },
      expect: {
        severity: 'note',
        field: 'spec.predictor.model.args[0]',
        says: /^"--tensor-parallel-size=4" does not reach vLLM: the first argument is \$0 of the script/,
        fix: /^write another argument in front of it, such as "vllm"$/,
      },
    },
    {
      name: 'behind a script with $0 it is one',
      change: ({ service, runtime }) => {
        runtime.spec.containers[0].command = ['bash', '-c'];
        runtime.spec.containers[0].args = [
          'vllm serve /mnt/models --distributed-executor-backend ray "$0" "$@"',
        ];
        service.spec.predictor.model.args = ['--tensor-parallel-size=4'];
      },
      expect: {
        severity: 'deny',
        field: 'spec.predictor.model.args[0]',
        fix: /^remove --tensor-parallel-size, or pass it \$\(TENSOR_PARALLEL_SIZE\)$/,
      },
    },
    {
      name: 'more data parallel engines than GPUs are left to gpu-capacity',
      change: ({ service }) => setArgs(service, '--data-parallel-size=2'),
      expect: null,
    },
    {
      name: 'the short form -dp is left to it, too',
      change: ({ service }) => setArgs(service, '-dp', '2'),
      expect: null,
    },
    {
      name: 'a rank among data-parallel processes is data parallelism',
      change: ({ service }) => setArgs(service, '--data-parallel-rank=0'),
      expect: { severity: 'warn', field: FIELD },
    },
    {
      name: 'a rank in a word of its own goes with its flag',
      change: ({ service }) => setArgs(service, '--data-parallel-rank', '0'),
      expect: {
        severity: 'warn',
        field: FIELD,
        fix: /^remove --data-parallel-rank and the 0 after it, /,
      },
    },
    {
      name: 'the word after a flag without a value stays',
      change: ({ service }) => setArgs(service, '--data-parallel-hybrid-lb', 'model'),
      expect: { severity: 'warn', field: FIELD, fix: /^remove --data-parallel-hybrid-lb, / },
    },
    {
      name: 'prefill context parallelism multiplies the processes',
      change: ({ service }) => setArgs(service, '--prefill-context-parallel-size=2'),
      expect: { severity: 'warn', field: FIELD },
    },
    {
      name: 'another number of nodes than planned is mentioned',
      change: ({ service }) => setArgs(service, '--nnodes=4'),
      expect: { severity: 'warn', field: FIELD, says: /--nnodes 4/ },
    },
    {
      name: 'the planned number of nodes passes',
      change: ({ service }) => setArgs(service, '--nnodes=2'),
      expect: null,
    },
    {
      name: 'data parallelism of 1 changes nothing',
      change: ({ service }) => setArgs(service, '--data-parallel-size=1'),
      expect: null,
    },
    {
      name: 'expert parallelism uses the processes that are there',
      change: ({ service }) => setArgs(service, '--enable-expert-parallel'),
      expect: null,
    },
    {
      name: 'several nodes on Ray without the Ray executor are noted',
      change: ({ service }) => delete service.spec.predictor.model.args,
      expect: {
        severity: 'note',
        field: 'spec.predictor.model.args',
        says: /distributed-executor-backend ray/,
      },
    },
    {
      name: 'nobody knows what an assumed runtime passes',
      change: (world) => {
        delete world.service.spec.predictor.model.args;
        world.outcome = { status: 'found', how: 'assumed', runtime: readRuntime(world.runtime) };
      },
      expect: null,
    },
    {
      name: 'the Ray executor may be named by the runtime',
      change: ({ service, runtime }) => {
        delete service.spec.predictor.model.args;
        runtime.spec.containers[0].command = [
          'bash',
          '-c',
          'vllm serve x --distributed-executor-backend ray $0 $@',
        ];
      },
      expect: null,
    },
    {
      name: 'one node needs no Ray executor',
      change: ({ service }) => {
        delete service.spec.predictor.model.args;
        service.spec.predictor.workerSpec.pipelineParallelSize = 1;
      },
      expect: null,
    },
    {
      name: 'the mp back end needs no Ray executor',
      change: ({ service, runtime }) => {
        delete service.spec.predictor.model.args;
        runtime.spec.annotations = { 'multinode/executor-backend': 'mp' };
      },
      expect: null,
    },
    {
      name: 'a service without workerSpec may pass any size',
      change: ({ service }) => {
        setArgs(service, '-tp', '4', '-dp', '2');
        delete service.spec.predictor.workerSpec;
      },
      expect: null,
    },
    {
      name: "args of the runtime's head that are too long to read are not checked",
      change: (world) => {
        world.runtime.spec.containers[0].args = ['-tp', '4', LONG];
        held(world);
      },
      expect: {
        severity: 'warn',
        field: 'spec.predictor.model.runtime',
        says: /the args of the ServingRuntime "rt" are too long to read/,
      },
    },
    {
      name: 'nor is the Ray executor missed, which may be among them',
      change: (world) => {
        world.runtime.spec.containers[0].command = [LONG];
        delete world.service.spec.predictor.model.args;
        held(world);
      },
      expect: { severity: 'warn', field: 'spec.predictor.model.runtime' },
    },
    {
      name: "nor are those of the runtime's worker",
      change: (world) => {
        world.runtime.spec.workerSpec.containers[0].args = [LONG];
        held(world);
      },
      expect: { severity: 'warn', field: 'spec.predictor.model.runtime' },
    },
    {
      name: "another TP in the service's own args is refused, whatever the runtime passes before it",
      change: (world) => {
        world.runtime.spec.containers[0].args = [LONG];
        setArgs(world.service, '-tp', '4');
        held(world);
      },
      expect: [
        { severity: 'deny', field: FIELD },
        { severity: 'warn', field: 'spec.predictor.model.runtime' },
      ],
    },
    {
      name: 'long args of a sidecar hide nothing',
      change: (world) => {
        world.runtime.spec.containers.push({ name: 'sidecar', args: [LONG] });
        held(world);
      },
      expect: null,
    },
  ],
};
