/** Runs a command as a container would: with another root directory, as another user, without a way to more rights. */

/** The PATH of this machine, which the programs that change the root directory are found by. */
export const PATH = process.env['PATH'];

/** What a command runs in. */
export interface Inside {
  /** The directory that the command sees as /. */
  readonly root: string;
  /** uid:gid; the command has no other groups. */
  readonly user: string;
  readonly directory: string;
  /** The command can't write anywhere below its root. */
  readonly readOnly: boolean;
}

/** @returns the program and the arguments that run this command inside */
export function inside(
  { root, user, directory, readOnly }: Inside,
  command: readonly string[],
): readonly [string, readonly string[]] {
  const [uid, gid] = user.split(':');
  const mount = readOnly ? 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ' : '';
  const newMounts = ['--mount', 'sh', '-c', `${mount}exec "$@"`, root];
  const noMoreRights = ['setpriv', '--clear-groups', '--no-new-privs'];
  const newRoot = ['unshare', `--root=${root}`, `--wd=${directory}`, `--setuid=${uid}`, `--setgid=${gid}`];
  return ['unshare', [...newMounts, ...noMoreRights, ...newRoot, ...command]];
}
