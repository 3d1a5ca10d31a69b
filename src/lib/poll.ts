/**
 * Looks at something again and again, one look after the other: a slow one that overlapped with the next could
 * bring back what that one has replaced. Does not keep the process alive.
 * @param look what it throws is a bug, and not caught
 * @param interval milliseconds from the end of a look to the next; the first comes after one
 * @returns ends it
 */
export function poll(look: () => Promise<void>, interval: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const later = (): void => {
    if (!stopped) timer = setTimeout(() => void look().then(later), interval).unref();
  };
  later();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
