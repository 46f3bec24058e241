/**
 * Tries what the service has to refuse, after the load is over and the rows
 * are read, so that no ledger knows of it: logins without a right to one,
 * channels of others, a used key for another message.
 *
 * Each attempt and its answer go to the event log (`refusal`), with the reason
 * for which the service has to refuse it, and then by how much the service's
 * own counters grew meanwhile (`counted`): refused is one thing, noticed
 * another. The service is asked as its users ask it, through an edge.
 */
import { createSecretKey } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { Cluster } from '../cluster/cluster.ts';
import type { ClientFrame, ErrorCode } from '../reference-server/protocol.ts';
import { signToken, type TokenRefusal } from '../reference-server/token.ts';
import type { Population } from '../scenarios/population.ts';
import { answerTo, doorOf, knock, type Door } from './door.ts';
import type { EventLog } from './event-log.ts';
import { growthOf, readCounters } from './service-counters.ts';

const TOKEN_SEC = 600;
const USER = 0;

/** By which the service counts what it refused. */
type RefusalReason = TokenRefusal | ErrorCode;

/** What a login or a frame led to, in a word; `refused` is what it should be. */
interface Attempt {
  readonly what: string;
  readonly reason: RefusalReason;
  attempt(): Promise<{ readonly refused: boolean; readonly detail: string }>;
}

export async function tryRefusals(
  cluster: Cluster,
  population: Population,
  log: EventLog,
): Promise<void> {
  const door = await doorOf(cluster);
  const { tokenSecret } = cluster.secrets;
  const own = population.channelsOfUser[USER]?.[0] ?? 0;
  const foreign = population.channels.find(({ members }) => !members.includes(USER))?.id ?? 0;
  const valid = await signToken(tokenSecret, USER, TOKEN_SEC);
  const unsigned = `${valid.slice(0, valid.lastIndexOf('.'))}.`;
  const claims = { sub: String(USER), exp: Math.floor(Date.now() / 1_000) + TOKEN_SEC };
  const elsewhere = new SignJWT({ ...claims, aud: 'elsewhere' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(createSecretKey(Buffer.from(tokenSecret)));
  const tokens: readonly (readonly [what: string, reason: TokenRefusal, token: string])[] = [
    ['a login without a token', 'missing', ''],
    [
      'a login with a token that has expired',
      'expired',
      await signToken(tokenSecret, USER, -TOKEN_SEC),
    ],
    [
      'a login with a token that somebody else signed',
      'bad-signature',
      await signToken(`not ${tokenSecret}`, USER, TOKEN_SEC),
    ],
    ['a login with a token that nobody signed', 'bad-signature', unsigned],
    [
      'a login with a token that says it needs no signature',
      'wrong-algorithm',
      new UnsecuredJWT({ ...claims, aud: 'chat' }).encode(),
    ],
    ['a login with a token for another service', 'wrong-audience', await elsewhere],
  ];
  const key = `refusal-${Date.now()}`;
  const attempts: readonly Attempt[] = [
    ...tokens.map(([what, reason, token]) => ({
      what,
      reason,
      attempt: () => tryLogin(door, token),
    })),
    {
      what: 'a message from somebody who is no member',
      reason: 'not-a-member',
      attempt: () =>
        tryFrame(door, valid, ['send', `${key}-foreign`, foreign, 'let me in'], 'not-a-member'),
    },
    {
      what: 'history for somebody who is no member',
      reason: 'not-a-member',
      attempt: () => tryFrame(door, valid, ['history', 1, foreign, 0, 1], 'not-a-member'),
    },
    {
      what: 'joining a channel as somebody who is no member',
      reason: 'not-a-member',
      attempt: () => tryFrame(door, valid, ['join', [[foreign, 0]]], 'not-a-member'),
    },
    {
      what: 'a used key for another message',
      reason: 'key-conflict',
      async attempt() {
        const first = await answerTo(door, valid, ['send', key, own, 'the first']);
        if (first[0] !== 'ack')
          return { refused: false, detail: `the first got ${first.join(' ')}` };
        return tryFrame(door, valid, ['send', key, own, 'another'], 'key-conflict');
      },
    },
  ];
  const before = await readCounters(cluster);
  for (const { what, reason, attempt } of attempts) {
    try {
      log.write({ kind: 'refusal', what, reason, ...(await attempt()) });
    } catch (error) {
      log.write({ kind: 'note', text: `not tried: ${what}: ${String(error)}` });
    }
  }
  const grew = growthOf(before, await readCounters(cluster));
  log.write({ kind: 'counted', step: 'refusals', grew });
}

async function tryLogin(door: Door, token: string) {
  const answer = await knock(door, token);
  if (typeof answer === 'number') return { refused: answer === 401, detail: `HTTP ${answer}` };
  answer.terminate();
  return { refused: false, detail: 'a socket was opened' };
}

async function tryFrame(door: Door, token: string, frame: ClientFrame, code: string) {
  const answer = await answerTo(door, token, frame);
  const refused = answer[0] === 'error' && answer[1] === code;
  return { refused, detail: answer.slice(0, 2).join(' ') };
}
