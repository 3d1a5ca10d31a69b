/** Exceptions that the platform makes for some services, each until a day. Which of them hold depends on the clock. */
export interface Exception {
  /** Ids of the rules whose denials become warnings. */
  readonly rules: readonly string[];
  readonly namespaces: readonly string[];
  /** Names of services, in which * stands for any characters; all services if absent. */
  readonly names?: readonly string[];
  readonly reason: string;
  /** The last day, such as 2027-01-31, which ends at midnight UTC. */
  readonly until: string;
}

/** @returns when its day is over, in milliseconds since 1970; NaN for a day that is not in the calendar */
export function endOf({ until }: Pick<Exception, 'until'>): number {
  const start = new Date(`${until}T00:00:00Z`);
  const isInCalendar = !Number.isNaN(start.getTime()) && start.toISOString().startsWith(until);
  return isInCalendar ? start.getTime() + 24 * 3_600_000 : Number.NaN;
}

/**
 * @param now in milliseconds since 1970
 * @returns the configuration with those of its exceptions whose day is not over
 */
export function withCurrentExceptions<T extends { readonly exceptions: readonly Exception[] }>(
  config: T,
  now: number,
): T {
  const { exceptions } = config;
  if (exceptions.every((exception) => endOf(exception) > now)) return config;
  return { ...config, exceptions: exceptions.filter((exception) => endOf(exception) > now) };
}
