/**
 * What the made-up faults of the sample run (`sample-run.fixture.ts`) did.
 * Nobody measured it; nothing but tests imports it.
 */
import type { FaultReport } from '../chaos/findings.ts';
import { FAULTS, FROM_MS } from './sample-series.fixture.ts';

export const sampleFault = (index: 0 | 1 | 2): FaultReport => {
  const { kind, atSec, healedSec, silentSec } = FAULTS[index];
  const promoted = index === 0 ? null : silentSec * 700;
  return {
    id: `fault-${index + 1}`,
    kind,
    target: `db${index + 1}`,
    injectedAt: new Date(FROM_MS + atSec * 1_000).toISOString(),
    healedAt: new Date(FROM_MS + healedSec * 1_000).toISOString(),
    inFlight: 11 + index,
    proof: {
      bitten: true,
      observations: [
        { what: 'process on the primary', seen: 'no longer there after 12 ms', ok: true },
        { what: 'sends in flight when it struck', seen: String(11 + index), ok: true },
      ],
    },
    newPrimary: index === 0 ? null : `db${index + 2}`,
    recoveryMs: {
      detected: silentSec * 300,
      promoted,
      firstCommit: silentSec * 880,
      firstAcknowledgement: silentSec * 960,
      load99: silentSec * 960 + 1_240,
      redundancyRestored: (healedSec - atSec) * 1_000 + 6_300,
      longestGap: silentSec * 970,
    },
    expectation: {
      kind: 'met',
      expected: 'recovers within 10 s',
      seen: `${silentSec.toFixed(1)} s`,
    },
    unavailableSec: { asSent: silentSec * 1.02, withRetries: silentSec / 8 },
    budgetSpent: 0.04 + 0.11 * index,
    userSecondsLost: 1_250 * (index + 1),
    elsewhere: null,
  };
};
