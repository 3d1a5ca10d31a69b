/** What became of the steps of walks. */
const OUTCOMES = [
  'compared',
  'not judged',
  'denied',
  'conflict',
  'conflict over ours',
  'nothing to say',
  'can not be known',
  'runtime',
  'headcount away',
] as const;
/** How many steps came to what. */
export type Tally = Record<(typeof OUTCOMES)[number], number>;

export function newTally(): Tally {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Tally;
}
