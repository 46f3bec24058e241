/**
 * What this machine can and cannot do. Every check runs at once, bounded in time, and none changes
 * anything. A check that breaks is a finding about itself, never an exception: a doctor that dies
 * on the first symptom helps nobody.
 */
import { HoldfastError } from '../errors.ts';
import type { Check, CheckReport, Finding } from './check.ts';
import { CHECKS } from './checks/index.ts';

/** Probes bound themselves tighter; this catches what they did not foresee. */
const PROBE_TIMEOUT_MS = 12_000;

/** Reports in the order of the checks. Throws only when `signal` is aborted. */
export function doctor(
  signal: AbortSignal,
  checks: readonly Check[] = CHECKS,
): Promise<readonly CheckReport[]> {
  return Promise.all(checks.map((check) => examine(check, signal)));
}

export async function examine(
  check: Check,
  signal: AbortSignal,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<CheckReport> {
  const { id, title, needed } = check;
  const startedMs = performance.now();
  const finding = await probeWithin(check, signal, timeoutMs);
  return { id, title, needed, ...finding, tookMs: Math.round(performance.now() - startedMs) };
}

async function probeWithin(check: Check, signal: AbortSignal, timeoutMs: number): Promise<Finding> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await check.probe(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HoldfastError) {
      return {
        kind: 'missing',
        found: error.message,
        means: 'this has to be put right first',
        mend: [error.remedy],
      };
    }
    return {
      kind: 'limited',
      found: timeout.aborted
        ? `no answer within ${timeoutMs / 1000} s`
        : `the check itself broke: ${String(error)}`,
      means: 'not known',
      mend: [],
    };
  }
}
