/** k6 makes the load; `../k6.ts` says which one is used and how it is built where there is none. */
import type { Check } from '../check.ts';
import { cachedK6, findK6, K6_VERSION, resolveK6, SOCKETS_MODULE } from '../k6.ts';
import { formatVersion } from '../version.ts';

export const k6: Check = {
  id: 'k6',
  title: 'k6',
  needed: 'always',
  async probe(signal) {
    const there = await findK6(signal);
    if (there === undefined) {
      return {
        kind: 'missing',
        found: `none with ${SOCKETS_MODULE} in K6_BIN, on the PATH, or at ${cachedK6()}`,
        means: `k6 ${K6_VERSION} will be built, once, in about two minutes; that takes Go`,
        mend: ['export K6_BIN=/path/to/k6'],
      };
    }
    return {
      kind: 'ok',
      found: `${formatVersion(there.version)} (${there.source}: ${there.path})`,
      means: 'load can be made',
      mend: [],
    };
  },
  async mendIt(log, signal) {
    await resolveK6(log, signal);
  },
};
