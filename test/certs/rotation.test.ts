/**
 * Rotations under traffic: three TLS servers on loopback with the real loop, and clients that check every
 * certificate against a caBundle as an API server has it, a little late. No handshake may fail, and no
 * connection that is kept open may be dropped.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { tlsOptions } from '../../src/server/tls.ts';
import { issueCa, issueLeaf } from '../../src/certs/issue.ts';
import { selfManagedCertificate } from '../../src/certs/self-managed.ts';
import type { CertificateEvent } from '../../src/certs/source.ts';
import type { CertificateStore, StoredSecret, Trust, TrustStore } from '../../src/certs/stores.ts';
import { certificatesIn, DAY, foreignBundle, NAMES, until } from '../support/certs-world.ts';

const PACE = { interval: 50, settle: 400, overlap: 1_000 };
/** How late the clients are with the caBundle. */
const LAG = 100;
const PER_SECOND = 200;

/** One Secret and one webhook configuration, at once and without faults. */
class Cluster {
  secret: StoredSecret | null = null;
  readonly bundles: { readonly since: number; readonly bundle: string }[] = [];
  #version = 0;

  constructor(bundle: string) {
    this.put(bundle);
  }

  put(bundle: string): void {
    this.#version++;
    this.bundles.push({ since: Date.now(), bundle });
  }

  set(data: StoredSecret['data'] | null): void {
    this.secret = data === null ? null : { data, version: String(++this.#version) };
  }

  /** The caBundle as an API server has it that is late. */
  seen(): string {
    const { bundle } = this.bundles.findLast(({ since }) => since <= Date.now() - LAG) ?? this.bundles[0]!;
    return bundle;
  }

  readonly store: CertificateStore = {
    read: async () => this.secret,
    create: async (data) => {
      if (this.secret !== null) return 'exists';
      this.set(data);
      return 'created';
    },
    replace: async (data, version) => {
      if (this.secret?.version !== version) return 'conflict';
      this.set(data);
      return 'replaced';
    },
  };

  readonly trustStore: TrustStore = {
    read: async (): Promise<Trust[]> => {
      const { bundle } = this.bundles.at(-1)!;
      return [{ name: 'validating', version: String(this.bundles.length), bundles: [bundle] }];
    },
    write: async (_name, [bundle = ''], version) => {
      if (String(this.bundles.length) !== version) return 'conflict';
      this.put(bundle);
      return 'written';
    },
  };
}

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Echoes what it is sent. */
async function listening(cluster: Cluster, events: CertificateEvent[]): Promise<Server> {
  const source = selfManagedCertificate({
    store: cluster.store,
    trustStore: cluster.trustStore,
    names: NAMES,
    pace: PACE,
    onEvent: (event) => void events.push(event),
  });
  const server = createServer(tlsOptions(await source.start()), (socket) => {
    socket.on('error', () => {}).pipe(socket);
  });
  source.onChange((pair) => server.setSecureContext(tlsOptions(pair)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(
    () => server.close(),
    () => source.stop(),
  );
  return server;
}

async function open(server: Server, ca: string): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', servername: 'headcount.kserve.svc', ca });
  cleanups.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

test('old leaf, old CA, Secret deleted, key damaged: no failed handshake, no dropped connection', async () => {
  const foreign = await foreignBundle();
  const now = Date.now();
  const oldCa = await issueCa(now - 250 * DAY, 365 * DAY);
  const oldLeaf = await issueLeaf(oldCa, NAMES, now - 61 * DAY, now + 29 * DAY);
  const cluster = new Cluster(oldCa.cert + foreign);
  cluster.set({
    'ca.crt': oldCa.cert,
    'ca.key': oldCa.key,
    'tls.crt': oldLeaf.cert,
    'tls.key': oldLeaf.key,
  });
  const events: CertificateEvent[] = [];
  const replicas = await Promise.all([1, 2, 3].map(() => listening(cluster, events)));
  const kept = await Promise.all(replicas.map((server) => open(server, cluster.seen())));

  const failures: unknown[] = [];
  const issuers = new Set<string>();
  const handshakes: Promise<void>[] = [];
  async function handshake(): Promise<void> {
    try {
      const socket = await open(replicas[handshakes.length % 3]!, cluster.seen());
      issuers.add(socket.getPeerCertificate().issuer.CN ?? '');
      socket.destroy();
    } catch (error) {
      failures.push(error);
    }
  }
  const traffic = setInterval(() => void handshakes.push(handshake()), 1_000 / PER_SECOND);
  cleanups.push(() => clearInterval(traffic));

  /** The Secret has another CA, and that is the only one of ours in the bundle. */
  async function rotated(): Promise<void> {
    const before = cluster.secret?.data['ca.crt'] ?? '';
    await until(() => {
      const { 'ca.crt': ca = before } = cluster.secret?.data ?? {};
      return ca !== before && cluster.seen() === ca + foreign;
    });
  }

  await rotated();
  const second = rotated();
  cluster.set(null);
  await second;
  const { data = {} } = cluster.secret ?? {};
  cluster.set({ ...data, 'tls.key': 'x' });
  await until(() => cluster.secret?.data['tls.key'] !== 'x');
  expect(cluster.secret?.data['ca.crt']).toBe(data['ca.crt']);

  clearInterval(traffic);
  await Promise.all(handshakes);
  expect(failures).toEqual([]);
  expect(handshakes.length).toBeGreaterThan(100);
  expect(issuers.size).toBe(3);
  const steps = events.flatMap((event) => (event.event === 'wrote' ? [event.step] : []));
  expect(steps.filter((step) => step !== 'trust' && step !== 'distrust')).toEqual([
    'renew-leaf',
    'prepare-ca',
    'switch-ca',
    'create',
    'renew-leaf',
  ]);
  const most = Math.max(...cluster.bundles.map(({ bundle }) => certificatesIn(bundle).length));
  expect(most).toBe(3);

  for (const socket of kept) {
    socket.write('still there?');
    expect(String((await once(socket, 'data'))[0])).toBe('still there?');
  }
});
