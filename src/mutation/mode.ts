/** How much /mutate may write: everything, only what is absent, or nothing. */
export const MUTATION_MODES = ['full', 'fill', 'off'] as const;
export type MutationMode = (typeof MUTATION_MODES)[number];
