/**
 * Did the planned faults really happen, to a system that was well before and
 * busy meanwhile? A fault that does not bite proves nothing. `noop` is held to
 * the same where it makes sense: it runs through the same code.
 */
import type { Precondition } from '../findings.ts';
import { ambiguousInFailovers } from './ambiguity.ts';
import { cutOffIn, cutsUsersOff } from './cut-off.ts';
import { listed, NO_WINDOW, type Evidence, type PreconditionOf } from './evidence.ts';
import type { FaultSpan } from './timeline.ts';

/** Timers fire a millisecond early now and then. */
const TIMER_SLACK_MS = 20;

/** What was seen of the planned faults, for those that lack something. */
function perFault(
  { plan, faults }: Evidence,
  lacks: (fault: Evidence['faults'][number], index: number) => boolean,
): { readonly met: boolean; readonly measured: string } {
  const planned = plan.faults.length;
  const ids = faults.map(({ id }) => id);
  // Two faults of one name would share what was seen of the first.
  const lacking = faults
    .filter((fault, index) => ids.indexOf(fault.id) !== index || lacks(fault, index))
    .map(({ id }) => id);
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
  ...perFault(
    evidence,
    ({ proof: { bitten, observations }, injectedAt }) =>
      !bitten || injectedAt === null || !observations.some(({ ok }) => ok),
  ),
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

/** Right before its heal it was looked for, and what has to last until then was all there. */
const lasted = (held: FaultSpan['held']): boolean =>
  held !== null &&
  (!held.lasts || held.observations.length > 0) &&
  held.observations.every(({ ok }) => ok);

function faultsHeld(evidence: Evidence): Precondition {
  const { spans, window, plan } = evidence;
  const { met, measured } = perFault(evidence, (_, index) => {
    const { injectedMs, struckMs, healedMs, held = null } = spans[index] ?? {};
    const plannedMs = (plan.faults[index]?.holdSec ?? 0) * 1_000;
    if (injectedMs === undefined || struckMs === undefined || window === null) return true;
    if (injectedMs === null || healedMs === undefined || healedMs === null) return true;
    const inside = struckMs >= window.fromMs && healedMs <= window.toMs;
    return !inside || healedMs - injectedMs < plannedMs - TIMER_SLACK_MS || !lasted(held);
  });
  const over = spans.flatMap(({ id, held }) =>
    (held?.observations ?? [])
      .filter(({ ok }) => !ok)
      .map(({ what, seen }) => `${id} was over before its heal (${what}: ${seen})`),
  );
  return {
    id: 'faults-held',
    title: 'Every fault was held as long as planned, inside the window',
    met,
    measured: [measured, ...over].join('; '),
    required: 'all, and each that lasts still there right before its heal',
  };
}

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

/** Only where the primary was replaced: nothing else leaves it open whether a commit survived. */
function ambiguousSends({ ledgers, spans, faults }: Evidence): readonly Precondition[] {
  const failovers = spans.flatMap((span, index) => {
    const promoted = faults[index]?.recoveryMs.promoted ?? null;
    return span.newPrimary === null || promoted === null
      ? []
      : [{ struckMs: span.struckMs, promotedMs: span.struckMs + promoted, overMs: span.overMs }];
  });
  if (failovers.length === 0) return [];
  const count = ambiguousInFailovers(ledgers, failovers);
  return [
    {
      id: 'ambiguous-sends',
      title: 'In a failover it was open for some message whether it was stored',
      met: count > 0,
      measured: `${count} messages in ${failovers.length} failovers`,
      required:
        'at least 1: under way when the primary was lost and answered by the next, or sent again unanswered',
    },
  ];
}

function usersBack({ ledgers, window, spans }: Evidence): readonly Precondition[] {
  const cutting = spans.filter(cutsUsersOff);
  if (cutting.length === 0) return [];
  const seen = window === null ? [] : cutting.map((span) => cutOffIn(ledgers, span, window));
  const lines = seen.map(
    ({ users, back }, index) => `${cutting[index]?.id}: ${back} of ${users} users came back`,
  );
  return [
    {
      id: 'users-reconnected',
      title: 'Every fault that cuts users off did so, and they came back',
      met: seen.length > 0 && seen.every(({ users, back }) => users > 0 && back === users),
      measured: window === null ? NO_WINDOW : lines.join('; '),
      required: 'at least 1 user cut off by each, all of them connected again in the window',
    },
  ];
}

/** In a plan without faults there is nothing that these could ask for. */
export const faultPreconditions = (evidence: Evidence): readonly Precondition[] =>
  evidence.plan.faults.length === 0 && evidence.faults.length === 0
    ? []
    : [
        ...[faultsProven, faultsHeld, faultsHealed, messagesInFlight, steadyBefore].map((each) =>
          each(evidence),
        ),
        ...ambiguousSends(evidence),
        ...usersBack(evidence),
      ];
