/**
 * Which release of KServe runs, looked up at the start and then now and then. A look is one get of one object by its
 * name, so that no right is needed but that one: a watch would need the rights to list and to watch as well.
 */
import { equalJson } from '../lib/json.ts';
import { poll } from '../lib/poll.ts';
import type { Installed } from '../kserve/installed.ts';
import type { Api } from './api.ts';
import { liveInstalled } from './live.ts';

/** An upgrade is followed within a minute. */
const INTERVAL = 20_000;

export class InstalledRelease {
  readonly #api: Api;
  readonly #namespace: string;
  readonly #interval: number;
  #current: Installed = { status: 'unread', why: 'it has not been looked up yet' };
  #stop: () => void = () => {};
  #first: Promise<void> | undefined;
  #onChange: (installed: Installed) => void = () => {};

  /**
   * @param namespace KServe's own
   * @param interval milliseconds between two looks
   */
  constructor(api: Api, namespace: string, interval = INTERVAL) {
    this.#api = api;
    this.#namespace = namespace;
    this.#interval = interval;
  }

  get current(): Installed {
    return this.#current;
  }

  /** What the first look has found; there is no second one but for `start`. */
  async first(): Promise<Installed> {
    await (this.#first ??= this.#look());
    return this.#current;
  }

  /**
   * Begins; resolves after the first look.
   * @param onChange told of what the first look has found, and of each change
   */
  async start(onChange: (installed: Installed) => void): Promise<void> {
    this.#stop = poll(() => this.#look(), this.#interval);
    onChange(await this.first());
    this.#onChange = onChange;
  }

  stop(): void {
    this.#stop();
  }

  /** What is known stays known while KServe's controller can't be read. */
  async #look(): Promise<void> {
    const seen = await liveInstalled(this.#api, this.#namespace);
    const isLost = seen.status === 'unread' && this.#current.status !== 'unread';
    if (isLost || equalJson(seen, this.#current)) return;
    this.#current = seen;
    this.#onChange(seen);
  }
}
