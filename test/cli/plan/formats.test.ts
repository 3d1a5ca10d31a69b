/**
 * The same manifests through every format of plan, in one run of the real process. Each document is read back
 * by a reader that is not ours and has to say what the JSON says.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { XmlDocument } from 'libxml2-wasm';
import { visibleLine } from '../../../src/lib/text.ts';
import { choicesOf, file, headcount, json, ROOT, schema, scratch } from '../../support/cli.ts';
import { MANIFESTS } from '../../support/manifests.ts';
import { flowchart } from '../../support/mermaid.ts';
import { cells, colourProblems, lookAlikes, overlaps, services, words } from '../../support/picture.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

for (const { name, text } of MANIFESTS) file(`manifests/${name}`, text);

function plan(...options: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const argv = [join(ROOT, 'src/main.ts'), 'plan', 'manifests', ...options];
  return spawnSync(process.execPath, argv, { cwd: scratch, encoding: 'utf8' });
}

function read(name: string): string {
  return readFileSync(join(scratch, name), 'utf8');
}

const FORMATS = choicesOf('plan', 'output');
const run = plan(...FORMATS.flatMap((format) => ['-o', `${format}=out.${format}`]));
const document: Loose = JSON.parse(read('out.json'));
const planned = document.services.filter(({ nodes }: Loose) => nodes !== null);

/** What every picture says in words. */
function sentences(service: Loose): string[] {
  const { namespace, name, nodes, gpu, tensorParallelSize: tp, pipelineParallelSize: pp, findings } = service;
  const { head, worker } = service;
  const verdict = (severity: string, verb: string): string[] => {
    const rules = findings
      .filter((found: Loose) => found.severity === severity)
      .map(({ rule }: Loose) => rule);
    return rules.length === 0 ? [] : [`${verb}: ${[...new Set(rules)].join(', ')}`];
  };
  const title = visibleLine(`${namespace}/${name}`);
  const verdicts = [...verdict('deny', 'denied'), ...verdict('warn', 'warned')];
  if (nodes === null) return [title, ...verdicts];
  const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const idle = gpu.allocated < gpu.required ? `${gpu.required - gpu.allocated} too few` : `${gpu.idle} idle`;
  return [
    title,
    `TP ${tp} x PP ${pp} = ${plural(gpu.required, 'GPU')} on ${plural(head.replicas + worker.replicas, 'pod')}`,
    `${gpu.allocated} allocated, ${idle}, ${gpu.rolloutPeak} at the peak of a roll-out`,
    ...verdicts,
  ];
}

test('the run: files only, on the streams nothing but which services are there twice, exit code 1', () => {
  expect(run).toMatchObject({ status: 1, stdout: '' });
  expect(run.stderr).toMatch(/^(?:default\/\w+ is in the input 2 times: planned as in .+, the last\n)+$/);
  expect(MANIFESTS.length).toBeGreaterThanOrEqual(30);
  expect(planned.length).toBeGreaterThanOrEqual(20);
  schema('plan.v1.json')(document);
});

/** The gravest first; a note that was told of another service is not told again. */
const GRAVITY = ['deny', 'warn', 'note'];

test('text: the same services, numbers and findings in the same order', () => {
  const blocks = read('out.text').trimEnd().split('\n\n');
  expect(blocks.pop()).toMatch(new RegExp(`^planned for KServe ${document.kserveVersion}\\b`));
  expect(blocks.length).toBe(document.services.length);
  const told = new Set<string>();
  for (const [index, service] of document.services.entries()) {
    const lines = blocks[index]?.split('\n') ?? [];
    const [title, sizes, totals] = sentences(service);
    expect(lines[0]).toContain(title);
    expect(lines.filter((line) => /^(deny|warn|note) /.test(line))).toEqual(
      GRAVITY.flatMap((wanted) => service.findings.filter(({ severity }: Loose) => severity === wanted))
        .filter(({ severity, rule, message, fix }: Loose) => {
          const key = JSON.stringify([rule, message, fix]);
          const isAgain = severity === 'note' && told.has(key);
          told.add(key);
          return !isAgain;
        })
        .map(({ severity, rule, field, message }: Loose) => {
          const where = field === '' ? '' : `${visibleLine(field)}: `;
          return `${severity} ${rule} ${where}${visibleLine(message)}`;
        }),
    );
    if (service.nodes === null) continue;
    expect(lines[0]).toContain(sizes);
    expect(lines).toContain(totals);
    for (const role of ['head', 'worker']) {
      const { replicas, gpus } = service[role];
      const row = lines.find((line) => line.includes(`─ ${role} `));
      if (replicas === 0 && role === 'worker') expect(row).toBeUndefined();
      else expect(row).toMatch(new RegExp(` ${replicas} pods? +${gpus} x `));
    }
  }
});

test('YAML: the same data to readers of YAML 1.1 and 1.2', () => {
  // Half a surrogate pair has no place in YAML; JSON lets it through.
  const wanted = JSON.parse(JSON.stringify(document), (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  for (const known of [CORE_SCHEMA, YAML11_SCHEMA]) {
    expect(load(read('out.yaml'), { schema: known })).toEqual(wanted);
  }
});

test('Mermaid: a diagram to its own parser, with every service and number', async () => {
  const boxes = await flowchart(read('out.mermaid'));
  expect(boxes.length).toBe(document.services.length);
  for (const [index, service] of document.services.entries()) {
    const { title, nodes } = boxes[index] ?? { title: '', nodes: new Map() };
    const [first, ...others] = sentences(service);
    expect(title).toBe(first);
    for (const sentence of others) expect(nodes.get('plan')).toContain(sentence);
    if (service.nodes === null) {
      expect([...nodes.keys()]).toEqual(['plan']);
      continue;
    }
    const { head, worker } = service;
    const second = head.replicas === 1 ? `^${head.gpus} x ` : `^${head.replicas} pods`;
    expect(nodes.get('head')?.slice(0, 2)).toEqual(['head', expect.stringMatching(second)]);
    const workers = [...nodes.keys()].filter((id) => id.startsWith('worker'));
    expect(workers.length).toBe(worker.replicas > 4 ? 1 : worker.replicas);
    for (const id of workers) {
      expect(nodes.get(id)).toContainEqual(expect.stringMatching(`^${worker.gpus} x `));
      if (worker.replicas > 4) expect(nodes.get(id)).toContain(`${worker.replicas} pods, each`);
    }
  }
});

test('SVG: well-formed, with every service, number and GPU', () => {
  const picture = XmlDocument.fromString(read('out.svg'));
  const found = services(picture);
  expect(found.length).toBe(document.services.length);
  for (const [index, service] of document.services.entries()) {
    const drawn = found[index];
    if (drawn === undefined) throw new Error('no such service');
    const said = words(drawn);
    for (const sentence of sentences(service)) expect(said.join(' ')).toContain(sentence);
    if (service.nodes === null) {
      expect(cells(drawn)).toEqual([]);
      continue;
    }
    const { head, worker, gpu } = service;
    const roles = [
      `head ${head.replicas} pod`,
      ...(worker.replicas > 0 ? [`worker ${worker.replicas} pod`] : []),
    ];
    for (const role of roles) expect(said.join(' ')).toContain(role);
    const all = cells(drawn);
    expect(all.length).toBe(gpu.allocated);
    expect(all.filter(({ idle }) => idle).length).toBe(gpu.idle);
    const pods = new Map<string, number>();
    for (const { pod } of all) pods.set(pod, (pods.get(pod) ?? 0) + 1);
    expect([...pods.values()]).toEqual([
      ...Array(head.replicas).fill(head.gpus),
      ...Array(worker.replicas).fill(worker.gpus),
    ]);
  }
  expect(overlaps(picture)).toEqual([]);
});

describe('the picture', () => {
  async function pictureOf(change: (service: Loose, runtime: Loose) => void): Promise<XmlDocument> {
    const [service, runtime] = [minimalService(), minimalRuntime()];
    change(service, runtime);
    const stdin = JSON.stringify({ kind: 'List', items: [service, runtime] });
    return XmlDocument.fromString((await headcount(['plan', '-', '-o', 'svg'], { stdin })).out);
  }

  const GPU = 'nvidia.com/gpu';
  const shapes = [1, 2, 7, 16, 32].flatMap((nodes) =>
    [1, 3, 8, 16].flatMap((tp) => [
      { tp, pp: nodes, each: tp },
      ...(nodes % 2 === 0 ? [{ tp: tp * 2, pp: nodes / 2, each: tp }] : []),
      ...(tp % 2 === 0 ? [{ tp: tp / 2, pp: nodes * 2, each: tp }] : []),
      ...(tp < 16 ? [{ tp, pp: nodes, each: tp + 1 }] : []),
      { tp: tp * nodes, pp: 1, each: tp },
    ]),
  );

  test.each(shapes)('TP $tp x PP $pp on pods of $each: nothing overlaps', async ({ tp, pp, each }) => {
    const picture = await pictureOf((service) => {
      const count = { [GPU]: String(each) };
      service.metadata.annotations['headcount.dev/parallelism'] = 'keep';
      delete service.spec.predictor.model.resources;
      service.spec.predictor.workerSpec = {
        tensorParallelSize: tp,
        pipelineParallelSize: pp,
        containers: [{ name: 'worker-container', resources: { requests: count, limits: count } }],
      };
    });
    expect(overlaps(picture)).toEqual([]);
    const [drawn] = services(picture);
    if (drawn === undefined) throw new Error('no service');
    const all = cells(drawn);
    const working = all.filter(({ idle }) => !idle);
    expect(working.length).toBe(tp * pp);
    // Tensor parallel ranks count from 0 in each stage, the stages in turn.
    expect(working.map(({ rank }) => rank)).toEqual(
      Array.from({ length: tp * pp }, (_, index) => String(index % tp)),
    );
    const root = picture.root;
    expect(Number(root.attr('width')?.value)).toBeLessThanOrEqual(1280);
    expect(Number(root.attr('height')?.value)).toBeLessThanOrEqual(1600);
  });

  test('thousands of pods, or of GPUs in a pod: as many as tell something, and the rest as a number', async () => {
    const many = await pictureOf((service) => {
      delete service.spec.predictor.model.resources;
      service.spec.predictor.workerSpec = { tensorParallelSize: 16, pipelineParallelSize: 256 };
    });
    expect(words(many).join(' ')).toContain('and 4032 workers more like the last one');
    const large = await pictureOf((service) => {
      const count = { [GPU]: '2048' };
      service.spec.predictor.model.resources = { requests: count, limits: count };
      service.spec.predictor.workerSpec.containers[0].resources = { requests: count, limits: count };
      service.spec.predictor.workerSpec.tensorParallelSize = 2048;
    });
    expect(words(large).join(' ')).toContain('of a pod with more GPUs the first 64 are drawn');
    for (const picture of [many, large]) {
      expect(overlaps(picture)).toEqual([]);
      expect(picture.toString().length).toBeLessThan(100_000);
    }
  });

  test('a title, a description, and colours with contrast in light and dark', async () => {
    const picture = await pictureOf(() => {});
    const by = picture.root.attr('aria-labelledby')?.value.split(' ') ?? [];
    const [title, description] = by.map((id) => picture.get(`//*[@id="${id}"]`)?.content ?? '');
    expect(title).toBe('Pods and GPUs of team/llm');
    expect(description).toMatch(
      /^team\/llm: TP 8 x PP 2 = 16 GPUs on 2 pods; 16 allocated, 0 idle, 32 at the peak/,
    );
    expect(picture.root.attr('role')?.value).toBe('img');
    const style = picture.get('//*[local-name()="style"]')?.content ?? '';
    const [light = '', dark = ''] = style.split('@media (prefers-color-scheme:dark)');
    expect(colourProblems(light)).toEqual([]);
    expect(colourProblems(dark)).toEqual([]);
    expect([lookAlikes(light), lookAlikes(dark)]).toEqual([[], []]);
  });

  test('no colour has two meanings: stages, verdicts and bars', async () => {
    const picture = await pictureOf(() => {});
    const style = picture.get('//*[local-name()="style"]')?.content ?? '';
    for (const part of style.split('@media')) {
      const of = (name: string): string => new RegExp(`\\${name}\\{fill:(#\\w+)`).exec(part)?.[1] ?? '';
      const meant = ['.deny', '.warn', '.gpu.even', '.gpu.odd', '.bar'].map(of);
      expect(meant).not.toContain('');
      expect(new Set(meant).size).toBe(meant.length);
    }
  });
});

test('twice the same: byte by byte', () => {
  plan(...FORMATS.flatMap((format) => ['-o', `${format}=again.${format}`]));
  for (const format of FORMATS) expect(read(`again.${format}`)).toBe(read(`out.${format}`));
});

test('without a file everything goes to standard output, but one', async () => {
  const path = join(scratch, 'both.svg');
  const { out } = await headcount([
    'plan',
    'demo/manifests/guide-case-1.yaml',
    '-o',
    'yaml',
    '-o',
    `svg=${path}`,
  ]);
  expect(load(out)).toEqual(await json(['plan', 'demo/manifests/guide-case-1.yaml']));
  expect(services(XmlDocument.fromString(readFileSync(path, 'utf8'))).length).toBe(1);
});
