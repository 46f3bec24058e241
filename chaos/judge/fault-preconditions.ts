/**
 * Did the planned faults really happen, to a system that was well before and
 * busy meanwhile? A fault that does not bite proves nothing. `noop` is held to
 * the same where it makes sense: it runs through the same code.
 */
import type { Precondition } from '../findings.ts';
import { listed, type Evidence, type PreconditionOf } from './evidence.ts';

/** What was seen of the planned faults, for those that lack something. */
function perFault(
  { plan, faults }: Evidence,
  lacks: (fault: Evidence['faults'][number], index: number) => boolean,
): { readonly met: boolean; readonly measured: string } {
  const planned = plan.faults.length;
  const lacking = faults.filter(lacks).map(({ id }) => id);
  const happened = faults.length;
  // A plan that names a fault which never came cannot have shown anything about it.
  const inOrder = plan.faults.every(({ kind }, index) => faults[index]?.kind === kind);
  const met = inOrder && happened === planned && lacking.length === 0;
  const good = happened - lacking.length;
  return {
    met,
    measured: `${good} of ${planned} planned faults${lacking.length === 0 ? '' : `; not ${listed(lacking)}`}`,
  };
}

const faultsProven: PreconditionOf = (evidence) => ({
  id: 'faults-proven',
  title: 'Every fault is proven to have bitten',
  ...perFault(evidence, ({ proof, injectedAt }) => !proof.bitten || injectedAt === null),
  required: 'all',
});

const faultsHealed: PreconditionOf = (evidence) => ({
  id: 'faults-healed',
  title: 'Every fault was healed, and redundancy came back',
  ...perFault(evidence, ({ kind, healedAt }, index) => {
    const restored = evidence.spans[index]?.restoredMs ?? null;
    return healedAt === null || (kind !== 'noop' && restored === null);
  }),
  required: 'all',
});

const messagesInFlight: PreconditionOf = (evidence) => ({
  id: 'messages-in-flight',
  title: 'Messages were under way when each fault struck',
  ...perFault(evidence, ({ kind, inFlight }) => kind !== 'noop' && inFlight < 1),
  required: 'at least 1 message at each',
});

const steadyBefore: PreconditionOf = (evidence) => ({
  id: 'steady-before-faults',
  title: 'The system was in its steady state before each fault',
  ...perFault(evidence, (_, index) => evidence.spans[index]?.steadyBefore !== true),
  required: 'all',
});

/** In a plan without faults there is nothing that these could ask for. */
export const faultPreconditions = (evidence: Evidence): readonly Precondition[] =>
  evidence.plan.faults.length === 0 && evidence.faults.length === 0
    ? []
    : [faultsProven, faultsHealed, messagesInFlight, steadyBefore].map((each) => each(evidence));
