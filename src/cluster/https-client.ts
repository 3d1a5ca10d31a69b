/**
 * Requests to an API server over connections that are kept, and made anew when the credentials change. They go
 * through node:https, since the client library makes a new connection (and reads its CA file anew) for each of its
 * own, and since a watch needs two time limits: one for the answer to begin, another for silence.
 */
import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { failed, refused } from './answer.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The body's media type; that of JSON, or of a JSON patch, where it is not given. */
  readonly type?: string;
  /** Milliseconds until the answer begins. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** Who we are to the API server, and by which CA it is known: read anew for each request. */
interface Credentials {
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
  getCurrentCluster(): { readonly proxyUrl?: string | undefined } | null;
}

export class HttpsClient {
  readonly #credentials: Credentials;
  readonly #server: string;
  /** `key` identifies the credentials that the agent was made for. They are read for each request, and may change. */
  #agent: { readonly key: string; readonly agent: Agent } | undefined;

  /** @param server the URL of the API server, without a slash at its end */
  constructor(credentials: Credentials, server: string) {
    this.#credentials = credentials;
    this.#server = server;
  }

  close(): void {
    this.#agent?.agent.destroy();
  }

  /**
   * @returns the answer's stream, its status being 2xx
   * @throws ApiError
   */
  async call(call: Call): Promise<IncomingMessage> {
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
    const { type = method === 'PATCH' ? 'application/json-patch+json' : 'application/json' } = call;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(options.headers as OutgoingHttpHeaders | undefined),
      accept: 'application/json',
      'user-agent': 'headcount',
      ...(payload !== undefined && {
        'content-type': type,
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
        // An error before anybody reads must not count as unhandled. The reader gets it later.
        response.on('error', () => {});
        resolve(response);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        if (answered) return;
        answered = true;
        // The cause may have broken the idle connections as well.
        this.#closeIdle();
        // The API server closed a kept connection just as it was used again. It has not read the request, so try again.
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
    await this.#credentials.applyToHTTPSOptions(options);
    if (this.#credentials.getCurrentCluster()?.proxyUrl !== undefined) return options;
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
