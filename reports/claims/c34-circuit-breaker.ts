/**
 * C34: circuit breakers stop cascades. Judged in a run in which a fault kept
 * the database away for longer than the breaker waits: messages are refused at
 * once, no socket closes, memory stays bounded, and it closes by itself.
 */
import { isGeneratorFit } from '../../chaos/judge/generator-fitness.ts';
import { atUsers, type ClaimEvidence, type ClaimResult } from './claim.ts';

/** A refusal needs no database: a tick of the server, and what two busy cores put on top. */
const REFUSED_MS_MAX = 250;
/** Three times what a full queue of 20,000 messages takes. */
const GROWTH_BYTES_MAX = 64 << 20;

const megabytes = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MB`;

export function circuitBreaker({ findings, observed }: ClaimEvidence): ClaimResult {
  const { circuit } = observed.service;
  const required = `99 % refused within ${REFUSED_MS_MAX} ms, no socket closed, memory of a server up by at most ${megabytes(GROWTH_BYTES_MAX)}, closed again by itself`;
  const untested = (evidence: string): ClaimResult => ({
    status: 'not-tested',
    measured: '–',
    required,
    evidence,
  });
  if (circuit === null) {
    return untested('nothing kept the database away for longer than the breaker waits');
  }
  const { memoryBytes, refusedMsP99, stillOpen } = circuit;
  if (memoryBytes === null || refusedMsP99 === null) {
    return untested('it opened, but memory was not sampled or nobody sent anything meanwhile');
  }
  const fast = refusedMsP99 <= REFUSED_MS_MAX;
  const bounded = memoryBytes.most - memoryBytes.before <= GROWTH_BYTES_MAX;
  const kept = circuit.socketsClosed === 0 && stillOpen.length === 0;
  const result = {
    measured: `opened ${circuit.opened} times on ${circuit.servers.length} servers; in ${circuit.seconds} s ${circuit.refused} times a message was refused that was sent then, 99 % within ${refusedMsP99} ms; ${circuit.socketsClosed} sockets closed; memory of a server ${megabytes(memoryBytes.before)} before, ${megabytes(memoryBytes.most)} at most; ${stillOpen.length === 0 ? 'closed again' : `still open on ${stillOpen.join(', ')}`}${atUsers(findings)}`,
    required,
    evidence: 'events circuit; answers in the client ledgers; metrics/usage.jsonl',
  };
  // A generator that was late itself saw every refusal late.
  if (!fast && bounded && kept && !isGeneratorFit(findings.preconditions)) {
    const evidence = 'refusals came late, to a generator that was late itself';
    return { ...result, status: 'not-tested', evidence };
  }
  return { ...result, status: fast && bounded && kept ? 'held' : 'refuted' };
}
