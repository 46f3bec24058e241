/**
 * The client ledgers of a made-up run, one a shard, in the format of
 * `scenarios/client-ledger.ts` and in the order in which k6 writes them:
 * connects, then sends, acknowledgements and pages of history as they happen,
 * then what readers count, one range a member and channel, what listeners heard
 * in each of theirs, the closed sockets and the finished virtual users.
 */
import { CLIENT_LEDGER_SCHEMA, type ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { deliveryNumber, digestOfSum } from '../../scenarios/delivery-digest.ts';
import { listens } from '../../scenarios/delivery-times.ts';
import { randomAt } from '../../scenarios/random.ts';
import { clientLedgerFile, inRun } from '../../chaos/run-directory.ts';
import { appendTo, type Appender } from './appender.ts';
import { contentOf } from './content.ts';
import { EPOCH_MS, RUN_NONCE, SHARDS, usersOfShard, type Script } from './script.ts';
import type { Stored, Witness } from './traffic.ts';

const USERS_A_VIRTUAL_USER = 100;
/** Real runs of 20,000 users on two cores had an `L` line for every 25th to 200th message. */
const LAGS_A_MESSAGE = 0.01;
/** Sockets are closed when the drain is over. */
const DRAIN_MS = 15_000;

export interface ClientLedgers extends Disposable {
  readonly witness: Witness;
  /** After the traffic: what everybody received, and the end. */
  finish(stored: Stored): void;
}

export function writeClientLedgers(run: string, script: Script): ClientLedgers {
  const { population, schedule, perUser, readers } = script;
  const { users } = population;
  const ranges = Array.from({ length: SHARDS }, (_, shard) => usersOfShard(users, shard));
  const shardOf = new Uint8Array(users);
  ranges.forEach(({ from, to }, shard) => shardOf.fill(shard, from, to));
  using opening = new DisposableStack();
  const files = ranges.map((_, shard) =>
    opening.use(appendTo(inRun(run, clientLedgerFile(shard)))),
  );
  const fileOf = (user: number): Appender => files[shardOf[user] ?? 0] as Appender;
  files.forEach((file, shard) => file.add(openingOf(script, shard)));
  const opened = opening.move();
  return {
    witness: {
      sent(atMs, user, n, channel, dueMs, attempt) {
        fileOf(user).add(`S ${atMs} ${user} ${n} ${channel} ${dueMs} ${attempt}\n`);
        const draw = randomAt(schedule.seed ^ 0x38b34ae5, user, n);
        if (draw >= LAGS_A_MESSAGE) return;
        const lagMs = 51 + Math.floor((draw / LAGS_A_MESSAGE) * 150);
        fileOf(user).add(`L ${atMs} ${Math.floor(user / USERS_A_VIRTUAL_USER)} ${lagMs}\n`);
      },
      acknowledged(atMs, user, n, sequence) {
        fileOf(user).add(`A ${atMs} ${user} ${n} ${sequence}\n`);
      },
      shown({ atMs, user, channel, from, to, digest }) {
        fileOf(user).add(`H ${atMs} ${user} ${channel} ${to} ${from} ${to} ${digest}\n`);
      },
    },
    finish(stored) {
      const { heads } = stored;
      const endMs = script.endMs + DRAIN_MS;
      const digests = digestsOfChannels(script, stored);
      for (const user of readers) fileOf(user).add(`Q ${endMs} ${user} ${perUser} ${perUser}\n`);
      population.channelsOfUser.forEach((own, user) => {
        const text = own.map((id) => `R ${endMs} ${user} ${id} 1 ${heads[id] ?? 0} 0 0\n`);
        if (listens(schedule.seed, user, users)) {
          text.push(...own.map((id) => `V ${endMs} ${user} ${id} ${digests[id] ?? 0}\n`));
        }
        fileOf(user).add(`${text.join('')}X ${endMs + 50} ${user} 1000\n`);
      });
      for (const { from, to } of ranges) {
        for (let user = from; user < to; user += USERS_A_VIRTUAL_USER) {
          const held = Math.min(USERS_A_VIRTUAL_USER, to - user);
          const number = (user - from) / USERS_A_VIRTUAL_USER;
          fileOf(user).add(`F ${endMs + 60} ${number} ${held} ${held * perUser}\n`);
        }
      }
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** By channel: the digest of all that its members were shown. */
function digestsOfChannels(script: Script, { channel, sequence, heads }: Stored): Int32Array {
  const { users } = script.population;
  const sums = new Int32Array(heads.length);
  for (let message = 0; message < channel.length; message++) {
    const id = channel[message] as number;
    const { author, bodyHash } = contentOf(script, message);
    const parts = { user: author, n: Math.floor(message / users) };
    const hash = Number.parseInt(bodyHash, 16);
    const number = deliveryNumber(sequence[message] as number, parts, author, hash);
    sums[id] = (sums[id] as number) + number;
  }
  return sums.map(digestOfSum);
}

/** Header and connects of a shard. */
function openingOf({ name, schedule, population, readers }: Script, shard: number): string {
  const { from, to } = usersOfShard(population.users, shard);
  const header: ClientLedgerHeader = {
    schema: CLIENT_LEDGER_SCHEMA,
    run: name,
    runNonce: RUN_NONCE,
    shard,
    epochMs: EPOCH_MS,
    ...schedule,
    firstUser: from,
    users: to - from,
    virtualUsers: Math.ceil((to - from) / USERS_A_VIRTUAL_USER),
    readers: readers.filter((user) => user >= from && user < to).length,
  };
  const connects = Array.from({ length: to - from }, (_, index) => {
    const atMs = 8_000 + Math.floor((75_000 * index) / (to - from));
    return `C ${atMs} ${from + index} ${index % 2} ${100 + (index % 200)}\n`;
  });
  return `${JSON.stringify(header)}\n${connects.join('')}`;
}
