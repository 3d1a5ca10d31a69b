/**
 * Loaded into a server under test before it starts: SIGUSR2 collects garbage, so that what is left is held. As the
 * last resort: otherwise V8 keeps up to some 40 MiB of empty pages for later, however many garbage collections follow.
 */
process.on('SIGUSR2', () => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
