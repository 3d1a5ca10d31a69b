/** An API server, as those who read from it and write to it see it. */

/** One page of a list. */
export interface Page {
  readonly items: readonly unknown[];
  /** The list's resourceVersion, the same on each of its pages. */
  readonly version: string;
}

export interface WatchEvent {
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
  /** Creates or changes an object by server-side apply; fields that another manager owns become headcount's. */
  apply(path: string, object: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
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
