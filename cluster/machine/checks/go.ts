/** Go is needed once, to build k6, and only where no k6 is there yet. */
import type { Check } from '../check.ts';
import { findGo, GO_MINOR_MIN, goCommand, resolveGo } from '../go.ts';
import { findK6 } from '../k6.ts';
import { formatVersion } from '../version.ts';

export const go: Check = {
  id: 'go',
  title: 'Go (to build k6)',
  needed: 'build-k6',
  async probe(signal) {
    const there = await findGo(signal);
    if (there !== undefined) {
      return {
        kind: 'ok',
        found: `${formatVersion(there.version)} (${there.path})`,
        means: 'k6 can be built',
        mend: [],
      };
    }
    const found = `none of version 1.${GO_MINOR_MIN} or newer`;
    // K6_BIN may name something unusable; the k6 check reports that.
    const k6 = await findK6(signal).catch(() => undefined);
    return k6 === undefined
      ? { kind: 'missing', found, means: 'k6 cannot be built before', mend: [goCommand()] }
      : { kind: 'ok', found, means: 'not needed: k6 is there', mend: [] };
  },
  async mendIt(log, signal) {
    await resolveGo(log, signal);
  },
};
