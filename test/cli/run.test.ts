/** What all commands share: wrong use, help, exit codes, and what is loaded. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, COMMANDS, DENIED, file, headcount, optionsOf, ROOT, SERVICE } from '../support/cli.ts';
import { minimalService } from '../rules/cases.ts';

describe('wrong use and unreadable input: one line, exit code 2', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'a wrong flag',
      ['plan', '--catalogue', 'x', SERVICE],
      /^headcount plan: unknown option '--catalogue' \(Did you mean --catalog\?\) \(see headcount plan --help\)$/,
    ],
    [
      'a flag without its value',
      ['plan', SERVICE, '--config'],
      /^headcount plan: option '--config <FILE>' argument missing/,
    ],
    [
      'an unknown command',
      ['plant'],
      /^headcount: unknown command 'plant' \(Did you mean plan\?\) \(see headcount --help\)$/,
    ],
    ['help of an unknown command', ['help', 'plant'], /unknown command 'plant'/],
    ['an unknown command that is asked for help', ['plant', '--help'], /unknown command 'plant'/],
    [
      'a flag in the place of a value',
      ['plan', '--config', '--strict', SERVICE],
      /^headcount plan: option '--config <FILE>' argument missing/,
    ],
    ['a value for a switch', ['plan', SERVICE, '--strict=yes'], /unknown option '--strict=yes'/],
    [
      'bytes that are no text',
      ['render', file('latin-1.yaml', Buffer.from('a: \xE9', 'latin1'))],
      /latin-1\.yaml: it is not UTF-8 text/,
    ],
    [
      'a format of later',
      ['lint', SERVICE, '-o', 'yaml=out.yaml'],
      /^headcount lint: option '-o, --output <FORMAT>' argument 'yaml=out\.yaml' is invalid\. Allowed choices are text, json, sarif, github, junit\./,
    ],
    [
      'two formats for standard output',
      ['lint', SERVICE, '-o', 'sarif', '-o', 'json=-'],
      /two formats for standard output: give one of them a file/,
    ],
    [
      'two formats for one file',
      ['lint', SERVICE, '-o', 'sarif=x', '-o', 'json=x'],
      /two formats for the file x \(/,
    ],
    ['a format without its file', ['lint', SERVICE, '-o', 'sarif='], /-o sarif=: a file is missing after =/],
    [
      'a file that can not be written',
      ['lint', SERVICE, '-o', 'json', '-o', 'sarif=nowhere/x'],
      /^headcount lint: cannot write nowhere\/x: no such file or directory$/,
    ],
    [
      'a rule that is none, to disable',
      ['lint', SERVICE, '--disable', 'canary', '--disable', 'canaries'],
      /^headcount lint: unknown rule 'canaries': headcount explain lists the rules/,
    ],
    [
      'a misspelt rule',
      ['explain', 'gpu-idel'],
      /unknown rule 'gpu-idel', did you mean gpu-idle\?: headcount/,
    ],
    ['a rule that is none, to explain', ['explain', 'canary', 'x'], /^headcount explain: unknown rule 'x'/],
    [
      'an unknown context',
      ['plan', SERVICE, '--kubeconfig', 'test/fixtures/kubeconfig.yaml', '--context=prod'],
      /no context "prod"/,
    ],
    [
      'a kubeconfig that is not there',
      ['audit', '--kubeconfig', 'nowhere'],
      /the kubeconfig can't be read: .*nowhere/,
    ],
    [
      'serve offline with a cluster',
      ['serve', '--offline', '--context', 'prod'],
      /--context needs a cluster, but --offline is given/,
    ],
    [
      'serve for a cluster with a catalogue',
      ['serve', '--catalog', 'test/fixtures'],
      /--catalog needs --offline/,
    ],
    ['no file', ['lint'], /missing required argument 'FILE'/],
    [
      'two reviews',
      ['review', 'a', 'b'],
      /too many arguments for 'review'\. Expected 1 argument but got 2\./,
    ],
    [
      'an argument too many',
      ['version', 'x'],
      /too many arguments for 'version'\. Expected 0 arguments but got 1\./,
    ],
    [
      'a file that is not there',
      ['plan', 'nowhere.yaml'],
      /^headcount plan: cannot read nowhere\.yaml: no such file or directory$/,
    ],
    [
      'a configuration that is not there',
      ['lint', SERVICE, '--config', 'nowhere'],
      /cannot read nowhere: no such file/,
    ],
    ['a YAML error', ['plan', file('bad.yaml', 'a: 1\nb: [1\n')], /bad\.yaml:\d:\d+: /],
    [
      'a wrong configuration',
      [
        'plan',
        SERVICE,
        '--config',
        file('config.yaml', 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrulez: {}\n'),
      ],
      /config\.yaml: unknown key rulez/,
    ],
    [
      'no service',
      ['plan', CATALOGUE],
      /^headcount plan: no InferenceService found in test\/fixtures\/cli-catalogue\.yaml$/,
    ],
    [
      'a directory without a service',
      ['plan', join(ROOT, 'schemas')],
      /no InferenceService found in .*schemas \(it holds an object without a kind\)$/,
    ],
    [
      'a review where a manifest is due',
      ['plan', file('review.json', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })],
      /it holds an AdmissionReview: see headcount review/,
    ],
    ['a manifest where a review is due', ['review', SERVICE], /only admission\.k8s\.io\/v1 is answered/],
    [
      'a time-out that no webhook can have',
      ['serve', '--offline', '--webhook-timeout', '31'],
      /--webhook-timeout 31 is no timeoutSeconds: a number from 1 to 30/,
    ],
    ['a port that is none', ['serve', '--offline', '--port', '70000'], /--port 70000 is no port/],
  ])('%s', async (_what, argv, message) => {
    const { code, out, err } = await headcount(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^[^\n]+\n$/);
    expect(err.trimEnd()).toMatch(message);
  });

  test('no command at all', async () => {
    const { code, out, err } = await headcount([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^Usage: headcount COMMAND/m);
  });
});

describe('help and version', () => {
  test.each([['--help'], ['-h'], ['help']])('%s lists every command', async (argument) => {
    const { code, out } = await headcount([argument]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command.name()} `, 'm'));
  });

  test.each(COMMANDS.map((command) => [command.name()]))('%s --help lists its options', async (name) => {
    const { code, out } = await headcount([name, '--help']);
    expect(code).toBe(0);
    expect((await headcount(['help', name])).out).toBe(out);
    for (const option of Object.keys(optionsOf(name))) expect(out).toContain(`--${option}`);
  });

  test('the version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await headcount(['version'])).toEqual({ code: 0, out: `headcount ${version}\n`, err: '' });
    expect((await headcount(['--version'])).out).toBe(`headcount ${version}\n`);
  });
});

describe('exit codes of findings', () => {
  test.each<[string, readonly string[], number]>([
    ['fine', [SERVICE], 0],
    ['fine, strictly', [SERVICE, '--strict'], 0],
    ['denied', [DENIED], 1],
  ])('%s', async (_what, argv, code) => {
    expect((await headcount(['plan', ...argv])).code).toBe(code);
    expect((await headcount(['lint', ...argv])).code).toBe(code);
  });

  test('a warning counts with --strict only', async () => {
    const service = minimalService();
    service.spec.predictor.model.runtime = 'kserve-huggingfaceserver-multinode';
    service.metadata.annotations['serving.kserve.io/deploymentMode'] = 'RawDeployment';
    const path = file('warned.json', service);
    expect((await headcount(['lint', path])).code).toBe(0);
    expect((await headcount(['lint', path, '--strict'])).code).toBe(1);
  });

  test('the configuration decides what a denial is', async () => {
    const config = file(
      'off.yaml',
      'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\nrules: {head-replicas: "off"}\n',
    );
    expect((await headcount(['lint', DENIED, '--config', config])).code).toBe(0);
  });
});

/** @returns the packages that a module imports, itself or through others, without dynamic imports */
function packagesOf(path: string, seen = new Map<string, readonly string[]>()): Set<string> {
  if (!seen.has(path)) {
    const imports = [
      ...readFileSync(path, 'utf8').matchAll(/^(?:import|export)\s(?!type)[^;]*?from '([^']+)'/gm),
    ];
    const targets = imports.map((match) => match[1] ?? '');
    seen.set(path, targets);
    for (const target of targets) if (target.startsWith('.')) packagesOf(join(dirname(path), target), seen);
  }
  return new Set(
    [...seen.values()].flat().filter((target) => !target.startsWith('.') && !target.startsWith('node:')),
  );
}

/** What reads YAML, and what reads the arguments. */
const KNOWN = ['yaml', 'yaml/util', 'commander'];

test('plan and lint load no server, no schema compiler and no client', () => {
  for (const name of ['main', 'cli/plan/plan', 'cli/lint/lint']) {
    const packages = packagesOf(join(ROOT, 'src', `${name}.ts`));
    expect([...packages].filter((target) => !KNOWN.includes(target))).toEqual([]);
  }
});
