/**
 * Failures of real systems that no fault here imitates, each with the reason,
 * so that nobody takes their absence from a report for a promise.
 */
export const NOT_HERE = [
  {
    kind: 'clock-jump',
    imitates: 'the clock of one server jumps or drifts',
    why:
      'all servers share one kernel and its clock, and no namespace has a time of day of its own; ' +
      'a library that lies about the time would be tested instead of the system',
  },
] as const;
