/**
 * Was the generator fit, so that what went badly is not its own doing? While
 * one of these preconditions is not met, a message that was late or never sent
 * may be the generator's, and proves nothing about the service.
 *
 * Event loops that stood still are no excuse by themselves: which messages
 * they blur is known (`blur.ts`).
 */
import type { Precondition } from '../findings.ts';

const NEEDED = ['shards-finished', 'send-lag', 'generator-clocks', 'ledgers-whole'];

const areMet = (preconditions: readonly Precondition[], ids: readonly string[]): boolean =>
  ids.every((id) =>
    preconditions.some((precondition) => precondition.id === id && precondition.met),
  );

export const isBlurKnown = (preconditions: readonly Precondition[]): boolean =>
  areMet(preconditions, NEEDED);

export const isGeneratorFit = (preconditions: readonly Precondition[]): boolean =>
  areMet(preconditions, [...NEEDED, 'event-loop-lag']);
