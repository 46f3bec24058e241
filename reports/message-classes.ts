/**
 * The classes of messages, in the order and the words in which every report
 * lists them. `breaks` marks the classes of which one message is one too many.
 */
import type { MessageCounts } from '../chaos/findings.ts';

export interface MessageClass {
  readonly name: string;
  readonly count: number;
  readonly meaning: string;
  readonly breaks: boolean;
}

export function messageClasses(messages: MessageCounts): readonly MessageClass[] {
  const legal = { breaks: false } as const;
  const illegal = { breaks: true } as const;
  return [
    { ...legal, name: 'offered', count: messages.offered, meaning: 'users meant to send them' },
    {
      ...legal,
      name: 'acknowledged',
      count: messages.acknowledged,
      meaning: 'the service said they were safe',
    },
    {
      ...illegal,
      name: 'lost',
      count: messages.lost,
      meaning: 'acknowledged, but not on a node that must have them',
    },
    {
      ...illegal,
      name: 'duplicated',
      count: messages.duplicated,
      meaning: 'one key, more than one row',
    },
    {
      ...illegal,
      name: 'reordered',
      count: messages.reordered,
      meaning: "a sender's order broken in a channel",
    },
    { ...illegal, name: 'phantom', count: messages.phantom, meaning: 'a row nobody sent' },
    {
      ...illegal,
      name: 'undelivered',
      count: messages.undelivered,
      meaning: 'a member misses a sequence',
    },
    {
      ...legal,
      name: 'delivered twice',
      count: messages.deliveredTwice,
      meaning: 'a member received a sequence again',
    },
    {
      ...legal,
      name: 'ambiguous',
      count: messages.ambiguous,
      meaning: 'sent, never acknowledged: may be there or not',
    },
  ];
}
