/**
 * The memory that the chart gives a pod, around a server under test: V8 sizes its heap by it, so that figures of
 * memory mean nothing without. A memory cgroup of its own where that can be made (Linux, root), otherwise options of
 * V8 that come to the same heap, and no limit on the rest.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT = 256 * 1024 ** 2;
/** As in charts/headcount/values.yaml. */
const HEAP_PERCENTAGE = 60;

export interface Container {
  /** For Server.start. */
  readonly wrapper: readonly string[];
  readonly node: readonly string[];
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
      node: [
        `--max-old-space-size=${Math.round((LIMIT / 1024 ** 2) * (HEAP_PERCENTAGE / 100))}`,
        '--max-semi-space-size=1',
      ],
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
    node: [`--max-old-space-size-percentage=${HEAP_PERCENTAGE}`],
    how: 'in a cgroup of 256 MiB',
    remove,
  };
}
