/**
 * The memory that the chart gives a pod, around a server under test: a memory cgroup of its own where that can be made
 * (Linux, root), otherwise no limit but the heap's, which server.ts gives as the image and the chart do.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT = 256 * 1024 ** 2;

export interface Container {
  /** For Server.start. */
  readonly wrapper: readonly string[];
  /** How the limit is made, for whoever reads the figures. */
  readonly how: string;
  /** Call it when the server has ended. */
  readonly remove: () => void;
}

let made = 0;

export function container(): Container {
  try {
    return inCgroup();
  } catch (error) {
    return {
      wrapper: [],
      how: `V8 is told of 256 MiB, the kernel is not (${(error as Error).message.split(',')[0]})`,
      remove: () => {},
    };
  }
}

/** @throws where a cgroup can't be made */
function inCgroup(): Container {
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const [, first] = /:memory:(.*)/.exec(own) ?? [];
  const [, second = '/'] = /^0::(.*)$/m.exec(own) ?? [];
  const parent = first === undefined ? join('/sys/fs/cgroup', second) : join('/sys/fs/cgroup/memory', first);
  const directory = join(parent, `headcount-${process.pid}-${made++}`);
  mkdirSync(directory);
  const remove = (): void => {
    if (existsSync(directory)) rmdirSync(directory);
  };
  try {
    const file = first === undefined ? 'memory.max' : 'memory.limit_in_bytes';
    writeFileSync(join(directory, file), String(LIMIT));
  } catch (error) {
    remove();
    throw error;
  }
  const enter = 'echo $$ > "$0" && exec "$@"';
  return {
    wrapper: ['sh', '-c', enter, join(directory, 'cgroup.procs')],
    how: 'in a cgroup of 256 MiB',
    remove,
  };
}
