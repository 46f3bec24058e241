/** The arrows between the rooms (see ARCHITECTURE.md); what is not listed may not be imported. */
const ROOMS = {
  'reference-server': [],
  // The protocol is what the service's users speak.
  scenarios: ['reference-server/protocol.ts'],
  // Into which database a channel's tables are loaded is what the service's servers agree on.
  cluster: ['reference-server/placement.ts'],
  // Tokens are what a login would hand out; the schedule says what was meant to be sent.
  chaos: [
    'cluster/',
    'scenarios/',
    'reference-server/token.ts',
    'reference-server/protocol.ts',
    'reference-server/placement.ts',
  ],
  reports: ['chaos/'],
  cli: ['cluster/', 'chaos/', 'reports/', 'scenarios/', 'reference-server/'],
  // Whatever is measured, but by its own interface; the command itself is run, not imported.
  bench: ['cluster/', 'chaos/', 'reports/', 'scenarios/', 'reference-server/'],
};
const TESTS = '(\\.(test|fixture)\\.ts$|/testing/)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'uws-behind-one-file',
      severity: 'error',
      from: { pathNot: '^reference-server/sockets\\.ts$' },
      to: { path: 'uWebSockets', dependencyTypesNot: ['type-only'] },
    },
    {
      // They run in a container, with the rooms that bench/server/rig.ts mounts.
      name: 'in-the-rig',
      severity: 'error',
      from: { path: '^bench/server/(client|ws-main)\\.ts$' },
      to: { path: '^(reports|cli)/', reachable: true },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `arrows-out-of-${room}`,
      severity: 'error',
      from: { path: `^${room}/`, pathNot: TESTS },
      to: {
        path: '^(reference-server|scenarios|cluster|chaos|reports|cli|bench)/',
        pathNot: [`^${room}/`, ...allowed.map((place) => `^${place}`)],
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
