/** Which flags of a command line surely reach vLLM, which may, and which are another program's. */
import { expect, test } from '@jest/globals';
import { flagsIn } from '../../src/vllm/words.ts';

const words = (list: readonly string[]): readonly { field: string; text: string }[] =>
  list.map((text) => ({ field: 'word', text }));

/** Each flag with its value, with a ? where it may not reach vLLM. */
const read = (command: readonly string[], args: readonly string[] = []): readonly string[] =>
  flagsIn(words(command), words(args)).map(
    ({ sure, flag, text }) => `${sure ? '' : '? '}${flag}${text === null ? '' : `=${text}`}`,
  );

const FLAG = ['--tensor-parallel-size', '4'];
const SHORT = ['-tp', '4'];

test.each([
  // The image's own entry point.
  [[]],
  [['vllm', 'serve', '/mnt/models']],
  [['/opt/venv/bin/vllm', 'serve']],
  [['python3', '-m', 'vllm.entrypoints.openai.api_server']],
  [['/usr/bin/python3.12', '-u', '-X', 'dev', '-m', 'vllm.entrypoints.openai.api_server']],
  [['python', '-m', 'huggingfaceserver']],
  [['python', '-m', 'vllm_tgis_adapter']],
  [['python3', '/opt/vllm/vllm/entrypoints/openai/api_server.py']],
  [['python3', '/usr/local/bin/vllm', 'serve']],
  [['tini', '--', 'vllm', 'serve']],
  [['/usr/bin/env', 'VLLM_USE_V1=1', 'vllm', 'serve']],
  [['numactl', '--cpunodebind', '0', 'python3', '-m', 'vllm.entrypoints.openai.api_server']],
])('the arguments of %j surely reach vLLM', (command) => {
  expect(read(command, FLAG)).toEqual(['--tensor-parallel-size=4']);
});

test.each([
  [['python3', '-m', 'server']],
  [['/opt/vllm/start.sh']],
  [['entrypoint.sh', 'vllm', 'serve']],
  [['python3', '/opt/vllm/convert.py']],
  [['python3', '-c', 'import vllm']],
  [['vllm', 'bench', 'throughput']],
  [['/bin/sh', '/start.sh']],
])('the arguments of %j may reach another program', (command) => {
  expect(read(command, FLAG)).toEqual(['? --tensor-parallel-size=4']);
});

test("the value of an argument is not the image's program", () => {
  expect(read([], ['--served-model-name', 'sglang', ...FLAG])).toEqual(['--tensor-parallel-size=4']);
});

test('a command goes on in the arguments', () => {
  expect(read(['vllm'], ['serve', ...FLAG])).toEqual(['--tensor-parallel-size=4']);
});

test('without a command, arguments that begin with Python say what runs', () => {
  expect(read([], ['python3', '-m', 'server', ...FLAG])).toEqual(['? --tensor-parallel-size=4']);
  expect(read([], ['python3', '-m', 'huggingfaceserver', ...FLAG])).toEqual(['--tensor-parallel-size=4']);
});

test.each([
  [['python3', '-m', 'sglang.launch_server']],
  [['sglang', 'serve']],
  [['env', 'A=1', '/usr/local/bin/trtllm-serve', 'serve', '/mnt/models']],
])("the arguments of %j are another server's", (command) => {
  expect(read(command, FLAG)).toEqual([]);
  expect(read([], [...command, ...FLAG])).toEqual([]);
  expect(read(['sh', '-c', [...command, ...FLAG].join(' ')])).toEqual([]);
  expect(read(['sh', '-c', `exec ${command.join(' ')} "$@"`, '--'], FLAG)).toEqual([]);
  expect(read(['sh', '-c', 'exec "$@"', '--'], [...command, ...FLAG])).toEqual([]);
});

test.each([
  ['vllm serve /m -tp 4'],
  ['exec vllm serve /m -tp 4'],
  ['VLLM_USE_V1=1 vllm serve /m -tp 4'],
  ['nohup vllm serve /m -tp 4 > log 2>&1 &'],
  ['vllm serve /m -tp 4 2>&1 | tee log'],
  ['vllm serve /m 2>&1 -tp 4'],
  ['vllm serve /m -tp 4 || exit 1'],
  ['ray start --head --port 6379\nvllm serve /m -tp 4'],
  ['ray start --head > log 2>&1 && vllm serve /m -tp 4'],
  ['ray start --head &&\n  python -m huggingfaceserver -tp 4'],
  ['source /venv/bin/activate && export A=1 && cd /srv && vllm serve /m -tp 4'],
  ['pip install vllm && python3 -m vllm.entrypoints.openai.api_server -tp 4'],
  ['[ -z "$RANK" ] && echo "no rank" && exit 1\nexec vllm serve /m -tp 4'],
  ['if [ "$ROLE" = worker ]; then exec ray start --block; fi\nvllm serve /m -tp 4'],
  ['exec > log; until (exec 3<>/dev/tcp/a/1); do sleep 1; done; vllm serve /m -tp 4'],
  ['vllm serve /draft --port 8001 & vllm serve /m -tp 4'],
  ['${PYTHON:-python3} -m vllm.entrypoints.openai.api_server -tp 4'],
])('%j surely passes the size to vLLM', (script) => {
  expect(read(['bash', '-c', script])).toEqual(['-tp=4']);
});

test.each([
  ['grep -q x /y && vllm serve /m -tp 4'],
  ['grep -q x /y &&\n  vllm serve /m -tp 4'],
  ['A=$(grep x /y) && vllm serve /m -tp 4'],
  ['command -v foo && exec vllm serve /m -tp 4'],
  ['ray status && vllm serve /m -tp 4'],
  ['exec vllm serve /m\nvllm serve /m -tp 4'],
  ['vllm serve /m; exit $?; vllm serve /m -tp 4'],
  ['vllm serve /m\nvllm serve /m -tp 4'],
  ['if [ "$N" = 1 ]; then exec vllm serve /m; fi\nvllm serve /m -tp 4'],
  ['[ -f /start.sh ] && exec /start.sh\nvllm serve /m -tp 4'],
  ['tar -xf /x/vllm.tar -tp 4'],
  ['vllm bench throughput -tp 4; exec /start.sh'],
  ['./wrapper.sh vllm serve /m -tp 4'],
  ['$VLLM_BIN serve /m -tp 4'],
])('%j may not pass the size to vLLM', (script) => {
  expect(read(['bash', '-c', script])).toEqual(['? -tp=4']);
});

test.each([
  ['exec vllm serve "$@"', ['--', ...SHORT], '-tp=4'],
  ['ray start --head\npython -m huggingfaceserver $0 $@', SHORT, '-tp=4'],
  ['[ -z "$A" ] && exit 1\nexec vllm serve "$@" --node-rank=${A}', ['--', ...SHORT], '-tp=4'],
  ['ray start --head; exec "$@"', ['--', 'vllm', 'serve', ...SHORT], '-tp=4'],
  ['ray start --head; exec "$@"', ['--', '/start.sh', ...SHORT], '? -tp=4'],
  ['exec /start.sh "$@"', ['--', ...SHORT], '? -tp=4'],
  ['if [ "$A" ]; then vllm serve "$@"; else /start.sh "$@"; fi', ['--', ...SHORT], '? -tp=4'],
  ['vllm serve /m', ['--', ...SHORT], '? -tp=4'],
])('behind the script %j, of the arguments %j the size is read as %j', (script, args, expected) => {
  expect(read(['bash', '-c', script], args)).toEqual([expected]);
});
