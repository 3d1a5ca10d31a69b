/**
 * Does the image start and serve? Its files, its command, its user and its environment, with a root directory that
 * can't be written, and without a container engine. Needs Linux and root (for the change of root directory).
 * Run: npm run image:check
 */
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { parse } from 'yaml';
import { environment, last } from './dockerfile.ts';
import { inside, makeImage, PATH, type Image } from './image-root.ts';

const ROOT = join(import.meta.dirname, '..');
const SERVING = /serving (https:\S+) .*and (http:\S+) /;
const MANIFEST = readFileSync(join(ROOT, 'demo/manifests/too-few-gpus.yaml'), 'utf8');

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('image:check needs Linux and root: it changes the root directory. Nothing was checked.');
  process.exit(2);
}

let failures = 0;
function told(what: string, holds: boolean, detail = ''): void {
  if (!holds) failures += 1;
  console.log(`${holds ? 'ok   ' : 'FAIL '} ${what}${detail === '' ? '' : `: ${detail}`}`);
}

/** The container's command line with these arguments in place of CMD. */
function commandLine({ root, stage }: Image, args: readonly string[]): readonly [string, readonly string[]] {
  const entry = JSON.parse(last(stage, 'ENTRYPOINT')) as string[];
  const [file = '', ...rest] = inside(
    root,
    last(stage, 'USER'),
    last(stage, 'WORKDIR'),
    [...entry, ...args],
    true,
  );
  return [file, rest];
}

function run(image: Image, args: readonly string[], input = '', env = {}): SpawnSyncReturns<string> {
  const [file, rest] = commandLine(image, args);
  return spawnSync(file, rest, {
    env: { PATH, ...environment(image.stage), ...env },
    encoding: 'utf8',
    input,
  });
}

function checkFiles({ root }: Image): void {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const unwanted = files.filter((path) => /(^|\/)(node_modules|sh|bash|npm|test|src)$/.test(path));
  told('no node_modules, shell, npm, sources or tests', unwanted.length === 0, unwanted.join(' '));
}

function checkCommands(image: Image): void {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  told('version', run(image, ['version']).stdout === `headcount ${version}\n`);
  told('CMD shows the help', run(image, JSON.parse(last(image.stage, 'CMD')) as string[]).status === 0);
  told(
    'explain finds its pages',
    run(image, ['explain', 'gpu-capacity']).stdout.startsWith('# gpu-capacity'),
  );
  const lint = run(image, ['lint', '-'], MANIFEST);
  told('lint refuses what it should', lint.status === 1 && lint.stdout.includes('deny gpu-capacity'));
  const traced = run(image, ['lint', '-'], MANIFEST, { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  const used = `${traced.stdout}${traced.stderr}`.match(/code cache for .* was accepted/g)?.length ?? 0;
  told('the compile cache is used', used > 0, `${used} files`);
}

/** Node names each file that it loads, and what stands in it tells the library. */
function checkLoaded(image: Image): void {
  const { stderr, stdout } = run(image, ['plan', '-'], MANIFEST, { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  const loaded = new Set(`${stderr}${stdout}`.match(/(?<=file:\/\/)\/app\/dist\/bundle\/[\w-]+\.js/g));
  const bundle = readdirSync(join(image.root, 'app/dist/bundle')).filter((name) => name.endsWith('.js'));
  for (const [library, mark] of [
    ['fastify', 'FST_ERR_'],
    ['the Kubernetes client', 'KUBERNETES_SERVICE_HOST'],
  ] as const) {
    const holders = bundle
      .map((name) => `/app/dist/bundle/${name}`)
      .filter((path) => readFileSync(join(image.root, path), 'utf8').includes(mark));
    const none = holders.length > 0 && !holders.some((path) => loaded.has(path));
    told(`plan does not load ${library}`, loaded.size > 3 && none, `${loaded.size} files loaded`);
  }
}

async function checkServer(image: Image): Promise<void> {
  const anyPorts = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
  const [file, rest] = commandLine(image, ['serve', '--offline', ...anyPorts]);
  const child = spawn(file, rest, { env: { PATH, ...environment(image.stage) } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let text = '';
  const addresses = await new Promise<readonly string[]>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, ...found] = SERVING.exec(text) ?? [];
      if (found.length > 0) resolve(found);
    });
    void ended.then(() => resolve([]));
  });
  const [https, http] = addresses;
  told('serve starts', https !== undefined, https === undefined ? text : '');
  if (https === undefined || http === undefined) return;
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const [uid, gid] = last(image.stage, 'USER').split(':');
  const field = (key: string): string => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  told('its user and group', field('Uid').startsWith(`${uid}\t`) && field('Gid').startsWith(`${gid}\t`));
  told('no capability', /^0+$/.test(field('CapEff')) && field('NoNewPrivs') === '1');
  const mounts = readFileSync(`/proc/${child.pid}/mountinfo`, 'utf8');
  const own = mounts.split('\n').filter((line) => line.split(' ')[4] === '/');
  told('its root directory is read-only', own.length > 0 && own.every((line) => / ro[, ]/.test(line)));
  told('it is ready', (await read(http, '/readyz')).code === 200);
  const answer = await ask(`${https}/validate`);
  told(
    '/validate refuses what it should',
    answer.includes('"allowed":false') && answer.includes('gpu-capacity'),
  );
  child.kill('SIGTERM');
  told('SIGTERM ends it with 0', (await ended) === 0);
}

async function read(url: string, path: string): Promise<{ code: number }> {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, (answer) => resolve({ code: answer.resume().statusCode ?? 0 })).on('error', reject);
  });
}

async function ask(url: string): Promise<string> {
  const object = parse(MANIFEST) as { metadata: { name: string } };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'image-check',
      kind: { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService' },
      resource: { group: 'serving.kserve.io', version: 'v1beta1', resource: 'inferenceservices' },
      name: object.metadata.name,
      namespace: 'default',
      operation: 'CREATE',
      userInfo: {},
      object,
    },
  };
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(
      url,
      { method: 'POST', headers, rejectUnauthorized: false },
      (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(review));
  });
}

const image = makeImage();
try {
  checkFiles(image);
  checkCommands(image);
  checkLoaded(image);
  await checkServer(image);
} finally {
  rmSync(image.root, { recursive: true });
}
console.log(failures === 0 ? 'the image starts and serves' : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
