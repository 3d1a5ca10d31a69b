/** Objects, lists by the page and watches of an API server, over HTTPS. */
import { asList, asObject, asString, at, property } from '../lib/json.ts';
import { ApiError, failed, json, linesOf, MOST_BYTES, parse, parseObject, textOf } from './answer.ts';
import type { Api, Page, Query, WatchEvent } from './api.ts';
import type { HttpsClient } from './https-client.ts';
import { PAGE_BYTES, PageSize } from './page-size.ts';

/** A review has 3 s by default, and may need two reads, one after the other. */
export const ANSWER_LIMIT = 1_200;
/** A page is up to some megabytes, and the API server may have to read more. */
const LIST_LIMIT = 10_000;
/** A connection that has been silent for so long may be a dead one. */
const SILENCE_LIMIT = 30_000;
const PAGE = 500;
/** The field manager of what headcount applies. */
const MANAGER = 'headcount';

export class HttpsApi implements Api {
  readonly namespace: string;
  readonly #client: HttpsClient;
  readonly #answerLimit: number;

  /**
   * @param namespace of the context, or of the pod
   * @param answerLimit milliseconds until the answer to a single read begins
   */
  constructor(client: HttpsClient, namespace: string, answerLimit: number) {
    this.#client = client;
    this.namespace = namespace;
    this.#answerLimit = answerLimit;
  }

  async get(path: string): Promise<unknown> {
    return json(await this.#client.call({ method: 'GET', path, limit: this.#answerLimit }));
  }

  async send(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown): Promise<unknown> {
    return json(await this.#client.call({ method, path, body, limit: ANSWER_LIMIT }));
  }

  async apply(path: string, object: unknown): Promise<unknown> {
    // An object may be as long as a page, and no review waits for it.
    return json(
      await this.#client.call({
        method: 'PATCH',
        path: withQuery(path, { fieldManager: MANAGER, force: 'true' }),
        type: 'application/apply-patch+yaml',
        body: object,
        limit: LIST_LIMIT,
      }),
    );
  }

  async delete(path: string): Promise<unknown> {
    return json(await this.#client.call({ method: 'DELETE', path, limit: LIST_LIMIT }));
  }

  async *pages(path: string, query: Query = {}): AsyncIterable<Page> {
    const size = new PageSize(Number(query['limit'] ?? PAGE));
    let next: string | null = '';
    while (next !== null) {
      const from: Query = { ...query, limit: size.limit, ...(next !== '' && { continue: next }) };
      const answer = await this.#client.call({
        method: 'GET',
        path: withQuery(path, from),
        limit: LIST_LIMIT,
      });
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
    const answer = await this.#client.call({ method: 'GET', path: target, limit: ANSWER_LIMIT, signal });
    opened();
    // Silence is no error: a kind that rarely changes has no events for a minute. The next watch tests the connection.
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
    this.#client.close();
  }
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  return `${path}?${search.toString()}`;
}

/** Items of a typed list have no kind and no apiVersion: both follow from those of the list. */
function itemsOf(list: unknown): readonly unknown[] {
  const kind = asString(property(list, 'kind'))?.replace(/List$/, '') ?? '';
  const apiVersion = property(list, 'apiVersion');
  return asList(property(list, 'items')).map((item) => ({ apiVersion, kind, ...asObject(item) }));
}
