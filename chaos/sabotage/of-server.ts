/** Sabotages of the chat server: one part of it replaced (`reference-server/sabotaged/`). */
import { resolve } from 'node:path';
import {
  answersLost,
  calm,
  chatDies,
  chatLeaves,
  primaryDies,
  replicasLag,
  replicationStalls,
  waitsCancelled,
} from './circumstances.ts';
import type { Circumstances, Rig, Sabotage } from './sabotage.ts';

const SABOTAGED_SERVER = resolve(import.meta.dirname, '../../reference-server/sabotaged');

/** Deploys the broken server in the place of the service's own, which comes back by the next run. */
const deploying =
  (name: string): Rig =>
  ({ cluster }) => ({
    async prepareChat(channels) {
      await cluster.deployChat({
        command: ['node', 'reference-server/sabotaged/main.ts'],
        environment: { SABOTAGE: name },
        mounts: [
          { source: SABOTAGED_SERVER, target: '/app/reference-server/sabotaged', readOnly: true },
        ],
      });
      await cluster.prepareChat(channels);
    },
  });

/** The name is the server's own word for it, too. */
const broken = (
  name: string,
  breaks: string,
  circumstances: Circumstances,
  by: readonly string[],
): Sabotage => ({
  name,
  breaks,
  circumstances,
  rigs: [deploying(name)],
  expects: { verdict: 'fail', by },
});

export const SERVER_SABOTAGES: readonly Sabotage[] = [
  broken(
    'acknowledge-before-commit',
    'A message is acknowledged while its transaction is still open.',
    primaryDies,
    ['lost'],
  ),
  broken(
    'acknowledge-before-flush',
    'A message is acknowledged before its commit is on any disk.',
    primaryDies,
    ['lost'],
  ),
  broken(
    'acknowledge-before-replication',
    'A message is acknowledged when the primary alone has it.',
    replicationStalls,
    ['lost'],
  ),
  broken(
    'acknowledge-cancelled-wait',
    'A commit whose wait for replication was cancelled is acknowledged like any other.',
    waitsCancelled,
    ['lost'],
  ),
  broken(
    'sequence-outside-transaction',
    'A place in a channel is taken in another transaction than the one that fills it.',
    answersLost,
    ['undelivered'],
  ),
  broken('delivery-dropped', 'One delivery in twenty is never made.', calm, [
    'undelivered',
    'reordered',
  ]),
  broken('delivery-doubled', 'One delivery in twenty is made twice.', calm, ['delivered-twice']),
  broken('delivery-changed', 'One delivery in twenty says something else than is stored.', calm, [
    'wrong-delivery',
  ]),
  broken('delivery-swapped', 'One delivery in twenty is made after the next.', calm, ['reordered']),
  broken(
    'delivery-to-stranger',
    'Members of a channel are sent the messages of another one too.',
    calm,
    ['undelivered'],
  ),
  broken('resume-skips-one', 'A member that comes back misses one message.', chatDies, [
    'undelivered',
    'reordered',
  ]),
  broken('body-truncated', 'Messages are stored without their end.', calm, ['phantom']),
  broken('author-swapped', 'A message is stored under the name of another author.', calm, [
    'phantom',
  ]),
  broken(
    'stale-history',
    'History from a replica that lags is served as if it were the newest.',
    replicasLag,
    ['stale-reads'],
  ),
  broken(
    'history-author-swapped',
    'History shows messages under the name of another author than is stored.',
    calm,
    ['wrong-history'],
  ),
  broken('history-skips-one', 'History leaves a message out.', calm, ['wrong-history']),
  broken('key-reused', 'A used key is acknowledged for another message, which is dropped.', calm, [
    'refusals',
  ]),
  broken('membership-ignored', 'Who is no member of a channel may read and write in it.', calm, [
    'refusals',
  ]),
  broken('expired-token-accepted', 'A token that has expired opens the door.', calm, ['refusals']),
  broken('signature-ignored', 'A token that somebody else signed opens the door.', calm, [
    'refusals',
  ]),
  broken(
    'drain-drops-queue',
    'A leaving server acknowledges what is in its queue, and drops it.',
    chatLeaves,
    ['lost'],
  ),
];
