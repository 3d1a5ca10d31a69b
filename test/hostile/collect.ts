/** Loaded into a server under test before it starts: SIGUSR2 collects garbage, so that what is left is held. */
process.on('SIGUSR2', () => globalThis.gc?.());
