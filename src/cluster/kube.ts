/**
 * Talking to an API server: the only importer of @kubernetes/client-node, which knows kubeconfigs, contexts,
 * in-cluster tokens and exec plugins. The requests go through node:https, since the client makes a new
 * connection (and reads its CA file anew) for each of its own, and since a watch needs two time limits: one
 * for the answer to begin, another for silence. Loaded only by what needs a cluster.
 */
import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import {
  ApiError,
  failed,
  json,
  linesOf,
  MOST_BYTES,
  messageOf,
  parse,
  parseObject,
  refused,
  textOf,
} from './answer.ts';
import { PAGE_BYTES, PageSize } from './page-size.ts';

export { ApiError } from './answer.ts';

/** The kubeconfig can't be used: for the user, one line. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

interface Page {
  readonly items: readonly unknown[];
  /** The list's resourceVersion, the same on each of its pages. */
  readonly version: string;
}

interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

export type Query = Readonly<Record<string, string | number>>;

/** Every method rejects with ApiError; `path` starts with /api or /apis, its parts checked by the caller. */
export interface Api {
  /** The namespace of the context, or of the pod. */
  readonly namespace: string;
  get(path: string): Promise<unknown>;
  /** Creates (POST), replaces (PUT) or changes (PATCH with a JSON patch) an object. */
  send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown): Promise<unknown>;
  /** The pages of a list, bounded in bytes; `limit` of the query is the most objects of one. */
  pages(path: string, query?: Query): AsyncIterable<Page>;
  /**
   * The events of a watch, until the API server ends it.
   * @param opened called when the API server has accepted the watch
   */
  watch(path: string, query: Query, signal: AbortSignal, opened: () => void): AsyncIterable<WatchEvent>;
  /** Ends the connections that are kept. */
  close(): void;
}

export interface Connection {
  /** Path of a kubeconfig; without it $KUBECONFIG, ~/.kube/config or the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Milliseconds that a review may take, where its reads may take longer than by default. */
  readonly deadline?: number;
}

/** Of 3 s, which a review has by default: it may need two reads, one after the other. */
const ANSWER_LIMIT = 1_200;
/** The same share of another deadline. */
const SHARE = 0.4;
/** A page is up to some megabytes, and the API server may have to read more. */
const LIST_LIMIT = 10_000;
/** A connection that has been silent for so long may be a dead one. */
const SILENCE_LIMIT = 30_000;
const PAGE = 500;

/** @throws KubeconfigError */
export function connect({ kubeconfig, context, deadline = 0 }: Connection = {}): Api {
  const config = load(kubeconfig, context);
  const server = config.getCurrentCluster()?.server;
  // Where the client finds nothing at all it falls back to http://localhost:8080.
  if (server?.startsWith('https://') !== true) {
    throw new KubeconfigError('no cluster: neither a kubeconfig with an https server nor a service account');
  }
  return new HttpsApi(config, server.replace(/\/+$/, ''), Math.max(ANSWER_LIMIT, deadline * SHARE));
}

function load(kubeconfig: string | undefined, context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new KubeconfigError(`the kubeconfig can't be read: ${messageOf(error)}`);
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      throw new KubeconfigError(`the kubeconfig has no context "${context}"`);
    }
    config.setCurrentContext(context);
  }
  return config;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds until the answer begins. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

class HttpsApi implements Api {
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #server: string;
  readonly #answerLimit: number;
  /** Of the credentials that it was made for: they are read anew for each request, and may change. */
  #agent: { readonly key: string; readonly agent: Agent } | undefined;

  constructor(config: KubeConfig, server: string, answerLimit: number) {
    this.#config = config;
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
    this.#server = server;
    this.#answerLimit = answerLimit;
  }

  async get(path: string): Promise<unknown> {
    return json(await this.#call({ method: 'GET', path, limit: this.#answerLimit }));
  }

  async send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown): Promise<unknown> {
    return json(await this.#call({ method, path, body, limit: ANSWER_LIMIT }));
  }

  async *pages(path: string, query: Query = {}): AsyncIterable<Page> {
    const size = new PageSize(Number(query['limit'] ?? PAGE));
    let next: string | null = '';
    while (next !== null) {
      const from: Query = { ...query, limit: size.limit, ...(next !== '' && { continue: next }) };
      const answer = await this.#call({ method: 'GET', path: withQuery(path, from), limit: LIST_LIMIT });
      const text = await textOf(answer, size.limit === 1 ? MOST_BYTES : PAGE_BYTES);
      if (text === null) {
        if (!size.shrink()) throw new ApiError(0, 'an object of the list is too long');
        continue;
      }
      const list = parseObject(text);
      const items = itemsOf(list);
      size.learn(items.length, text.length);
      next = asString(at(list, 'metadata', 'continue')) || null;
      yield { items, version: asString(at(list, 'metadata', 'resourceVersion')) ?? '' };
    }
  }

  async *watch(
    path: string,
    query: Query,
    signal: AbortSignal,
    opened: () => void,
  ): AsyncIterable<WatchEvent> {
    const target = withQuery(path, { watch: 'true', allowWatchBookmarks: 'true', ...query });
    const answer = await this.#call({ method: 'GET', path: target, limit: ANSWER_LIMIT, signal });
    opened();
    // Not an error: on a quiet kind nothing comes for a minute. But the next watch tells whether anybody is there.
    let silent = false;
    answer.setTimeout(SILENCE_LIMIT, () => {
      silent = true;
      answer.destroy();
    });
    try {
      for await (const line of linesOf(answer)) {
        const event = parse(line);
        yield { type: asString(property(event, 'type')) ?? '', object: property(event, 'object') };
      }
    } catch (error) {
      if (!silent) throw failed(error);
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    this.#agent?.agent.destroy();
  }

  /** @returns the answer's stream, its status being 2xx */
  async #call(call: Call): Promise<IncomingMessage> {
    const options = await this.#options().catch((error: unknown) => {
      throw failed(error);
    });
    const answer = await this.#answer(call, options);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw await refused(status, answer);
  }

  async #answer(call: Call, options: RequestOptions): Promise<IncomingMessage> {
    const { method, path, body, limit, signal } = call;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(options.headers as OutgoingHttpHeaders | undefined),
      accept: 'application/json',
      'user-agent': 'headcount',
      ...(payload !== undefined && {
        'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.#server}${path}`, {
        ...options,
        method,
        headers,
        ...(signal && { signal }),
      });
      // The limit counts from here, also while no connection can be made.
      const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), limit);
      let answered = false;
      outgoing.once('response', (response) => {
        answered = true;
        clearTimeout(timer);
        // Whoever reads it learns of the error then; nobody may be reading yet.
        response.on('error', () => {});
        resolve(response);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        if (answered) return;
        answered = true;
        // Whatever ended this connection may have ended those that wait for a request, too.
        this.#closeIdle();
        // The API server closed a kept connection just as it was used again: nothing was read of the request.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(this.#answer(call, options));
        else reject(failed(error));
      });
      outgoing.end(payload);
    });
  }

  #closeIdle(): void {
    for (const sockets of Object.values(this.#agent?.agent.freeSockets ?? {})) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  async #options(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    if (this.#config.getCurrentCluster()?.proxyUrl !== undefined) return options;
    const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
    const tls = Object.fromEntries(
      Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    const identity = Object.entries(tls).map(String).join('\n');
    if (this.#agent?.key !== identity) {
      this.#agent?.agent.destroy();
      this.#agent = { key: identity, agent: new Agent({ ...tls, keepAlive: true }) };
    }
    return { ...options, agent: this.#agent.agent };
  }
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  return `${path}?${search.toString()}`;
}

/** Items of a typed list carry neither kind nor apiVersion; the list's own tell them. */
function itemsOf(list: unknown): readonly unknown[] {
  const kind = asString(property(list, 'kind'))?.replace(/List$/, '') ?? '';
  const apiVersion = property(list, 'apiVersion');
  return asList(property(list, 'items')).map((item) => ({ apiVersion, kind, ...asObject(item) }));
}
