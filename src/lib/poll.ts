/**
 * Looks at something repeatedly, and never twice at the same time: a slow look that ends after the next one could bring
 * back old values. Does not keep the process alive.
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
