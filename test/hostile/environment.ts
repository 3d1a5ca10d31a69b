/** What the process meets before it serves, and while it does. */
import type { EnvironmentRow } from './row.ts';

const OFFLINE = ['--offline'];
/** Each line refers ten times to the one before: 10^9 items. */
const YAML_BOMB = [
  'a0: &a0 [x]',
  ...Array.from(
    { length: 9 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`,
  ),
].join('\n');
const config = (rest: string): Record<string, string> => ({
  'config.yaml': `apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n${rest}`,
});
const WITH_CONFIG = [...OFFLINE, '--config', 'config.yaml'];

export const ENVIRONMENT: readonly EnvironmentRow[] = [
  { what: 'nothing unusual', arguments: OFFLINE, answer: 'serves' },
  {
    what: 'a port that is a word',
    arguments: [...OFFLINE, '--port', 'https'],
    answer: 'ends with 2',
    says: /--port https is no port/,
  },
  {
    what: 'port 65536',
    arguments: [...OFFLINE, '--port', '65536'],
    answer: 'ends with 2',
    says: /--port 65536 is no port/,
  },
  {
    what: 'the same port twice',
    arguments: [...OFFLINE, '--port', '9553', '--ops-port', '9553'],
    answer: 'ends with 2',
    says: /port 9553 .* is taken/,
  },
  {
    what: 'an address that is not ours',
    arguments: [...OFFLINE, '--host', '203.0.113.1'],
    answer: 'ends with 2',
    says: /203\.0\.113\.1/,
  },
  {
    what: 'a host that does not exist',
    arguments: [...OFFLINE, '--host', 'no.such.host.invalid'],
    answer: 'ends with 2',
    says: /no\.such\.host/,
  },
  {
    what: 'a configuration that is not there',
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /config\.yaml/,
  },
  {
    what: 'a directory as configuration',
    arguments: [...OFFLINE, '--config', '.'],
    answer: 'ends with 2',
    says: /directory/,
  },
  {
    what: 'an empty configuration',
    files: { 'config.yaml': '' },
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /config\.yaml/,
  },
  {
    what: 'a configuration that is no YAML',
    files: { 'config.yaml': '{[' },
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /config\.yaml/,
  },
  {
    what: 'an unknown key in the configuration',
    files: config('rulez: {}'),
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /rulez/,
  },
  {
    what: 'an unknown rule in the configuration',
    files: config('rules: {no-such-rule: warn}'),
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /no-such-rule/,
  },
  {
    what: '__proto__ in the configuration',
    files: config('__proto__: {log: {level: silent}}'),
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /__proto__/,
  },
  {
    what: 'a configuration with references to references (a YAML bomb)',
    files: { 'config.yaml': YAML_BOMB },
    arguments: WITH_CONFIG,
    answer: 'ends with 2',
    says: /config\.yaml/,
  },
  {
    what: 'a catalogue that is not there',
    arguments: [...OFFLINE, '--catalog', 'nowhere'],
    answer: 'ends with 2',
    says: /nowhere/,
  },
  {
    what: 'a catalogue with references to references',
    files: { 'catalog.yaml': YAML_BOMB },
    arguments: [...OFFLINE, '--catalog', 'catalog.yaml'],
    answer: 'ends with 2',
    says: /catalog\.yaml/,
  },
  {
    what: 'a catalogue of nonsense objects',
    files: {
      'catalog.json':
        '{"kind":"List","items":[null,5,[],{},{"apiVersion":"v1","kind":"PersistentVolumeClaim"},{"apiVersion":"serving.kserve.io/v1alpha1","kind":"ServingRuntime","spec":5}]}',
    },
    arguments: [...OFFLINE, '--catalog', 'catalog.json'],
    answer: 'serves',
  },
  {
    what: 'a directory of certificates without any',
    arguments: [...OFFLINE, '--cert-dir', '.'],
    answer: 'ends with 2',
    says: /no certificate in/,
  },
  {
    what: 'a certificate that is none',
    files: { 'tls.crt': 'x', 'tls.key': 'y' },
    arguments: [...OFFLINE, '--cert-dir', '.'],
    answer: 'ends with 2',
    says: /PEM/,
  },
  {
    what: 'a CA of the clients that is none',
    files: { 'ca.crt': 'x' },
    arguments: [...OFFLINE, '--client-ca', 'ca.crt'],
    answer: 'ends with 2',
    says: /ca\.crt/,
  },
  {
    what: 'a kubeconfig that is not there',
    arguments: ['--kubeconfig', 'nowhere'],
    answer: 'ends with 2',
    says: /nowhere/,
  },
  {
    what: 'a kubeconfig that is no YAML',
    files: { kubeconfig: '{[' },
    arguments: ['--kubeconfig', 'kubeconfig'],
    answer: 'ends with 2',
    says: /kubeconfig/,
  },
  {
    what: 'half of what a pod is given',
    env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1', HOME: '/nonexistent' },
    arguments: [],
    answer: 'ends with 2',
    says: /headcount/,
  },
  {
    what: 'an option that does not exist',
    arguments: [...OFFLINE, '--debug'],
    answer: 'ends with 2',
    says: /--debug/,
  },
  {
    what: 'no home, no temporary directory, a strange time zone and language',
    env: { HOME: '/nonexistent', TMPDIR: '/nonexistent', TZ: 'Nowhere/Land', LANG: 'xx_XX' },
    arguments: OFFLINE,
    answer: 'serves',
  },
  {
    what: 'a log that nobody reads (standard output is closed)',
    shell: '"$@" >&-',
    arguments: OFFLINE,
    answer: 'serves',
  },
  { what: 'a log on a full disk', shell: '"$@" >/dev/full', arguments: OFFLINE, answer: 'serves' },
  {
    what: '64 file descriptors for 100 connections',
    shell: 'ulimit -n 64; exec "$@"',
    arguments: OFFLINE,
    answer: 'serves',
  },
];
