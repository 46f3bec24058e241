/**
 * Failures of real systems that no fault here imitates, each with the reason,
 * so that nobody takes their absence from a report for a promise.
 */
export const NOT_HERE = [
  {
    kind: 'app-server-clock',
    imitates: 'the clock of an app server, with etcd and NATS on it, jumps or drifts',
    why:
      'all servers share one kernel and its clock; a library moves it for one server’s programs, ' +
      'and etcd and NATS, which are written in Go, ask the kernel without one',
  },
] as const;
