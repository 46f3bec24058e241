/**
 * Do the generators' clocks agree with the database's? A row is made after its
 * message was sent and before it was acknowledged, so every acknowledged
 * message bounds the difference of two clocks that nobody compared: that of
 * its shard, and that of the primary of its time.
 *
 * What was under way while a fault had moved the primary's clock bounds nothing
 * and is left out; each shard needs others.
 *
 * Limit: a clock that is wrong by less than a message takes is not seen; nor
 * has it anything to say then.
 */
import { shapedLoadOf } from '../../scenarios/shapes/index.ts';
import type { Precondition } from '../findings.ts';
import { completeRows, type Ledgers } from '../ledger/ledgers.ts';
import { messageCount, userOf, wasAcknowledged } from '../ledger/messages.ts';
import type { Evidence } from './evidence.ts';
import { timesWithMovedClock } from './moved-clocks.ts';
import type { Window } from './outcomes.ts';

/** As for the servers' clocks: a twentieth of the as-sent bound of 1 s. */
const CLOCK_OFFSET_MS_MAX = 50;

interface Impossible {
  readonly shard: number;
  /** By so much a row is older than its sending, or younger than its acknowledgement. */
  readonly byMs: number;
  readonly compared: number;
}

/** For each shard the message that contradicts the clocks most; not positive: none does. */
function mostImpossible(ledgers: Ledgers, moved: readonly Window[]): readonly Impossible[] {
  const { shards, baseMs } = ledgers;
  const { messages } = ledgers.records;
  const shardOf = new Int32Array(messages.users).fill(-1);
  shards.forEach(({ header }, index) =>
    shardOf.fill(index, header.firstUser, header.firstUser + header.users),
  );
  const byMs = shards.map(() => -Infinity);
  const compared = shards.map(() => 0);
  const table = completeRows(ledgers)[0]?.table;
  if (table !== undefined) {
    for (let message = 0; message < messageCount(messages); message++) {
      const row = (table.rowOf[message] as number) - 1;
      const shard = shardOf[userOf(messages, message)] as number;
      if (row < 0 || shard < 0 || !wasAcknowledged(messages, message)) continue;
      const sentMs = messages.firstSentMs[message] as number;
      const answeredMs = messages.acknowledgedMs[message] as number;
      if (moved.some(({ fromMs, toMs }) => sentMs < toMs - baseMs && answeredMs > fromMs - baseMs))
        continue;
      const createdMs = (table.createdAtMs[row] as number) - baseMs;
      const early = sentMs - createdMs;
      const late = createdMs - answeredMs;
      byMs[shard] = Math.max(byMs[shard] as number, early, late);
      compared[shard] = (compared[shard] as number) + 1;
    }
  }
  return shards.map(({ header }, index) => ({
    shard: header.shard,
    byMs: byMs[index] as number,
    compared: compared[index] as number,
  }));
}

/** Slow readers run by the clock of the harness, which is the one that all others are held against. */
function onlyRead({ plan, ledgers }: Evidence): ReadonlySet<number> {
  const firstSlow = plan.users - (shapedLoadOf(plan).slow?.users ?? 0);
  const reading = ledgers.shards.filter(({ header }) => header.firstUser >= firstSlow);
  return new Set(reading.map(({ header }) => header.shard));
}

export function generatorClocks(evidence: Evidence): Precondition {
  const { ledgers, events, spans } = evidence;
  const shards = mostImpossible(ledgers, timesWithMovedClock(events, spans));
  const reading = onlyRead(evidence);
  const silent = shards.filter(({ shard, compared }) => compared === 0 && !reading.has(shard));
  const wrong = shards.filter(({ byMs }) => byMs > CLOCK_OFFSET_MS_MAX);
  const compared = shards.reduce((sum, shard) => sum + shard.compared, 0);
  return {
    id: 'generator-clocks',
    title: 'The clocks of the generators agree with those of the database',
    met: shards.length > 0 && silent.length === 0 && wrong.length === 0,
    measured:
      wrong.length > 0
        ? wrong
            .map(({ shard, byMs }) => `shard ${shard} is off by at least ${Math.round(byMs)} ms`)
            .join('; ')
        : compared === 0 || silent.length > 0
          ? `no message to compare by${silent.map(({ shard }) => `, shard ${shard}`).join('')}`
          : `${compared} rows were made between their sending and their acknowledgement`,
    required: `every row of an acknowledged message, within ${CLOCK_OFFSET_MS_MAX} ms`,
  };
}
