/**
 * What a message of a made-up run says, and a page of them as a reader's
 * generator notes it: both follow from the message's number, as in a real run.
 */
import { hash } from 'node:crypto';
import { bodyHashOf, pageDigest, type PageEntry } from '../../scenarios/history.ts';
import { bodyOf, messageKey } from '../../scenarios/schedule.ts';
import { RUN_NONCE, type Script } from './script.ts';

export interface Content {
  readonly key: string;
  readonly author: number;
  readonly bodyHash: string;
}

const md5 = (text: string): string => hash('md5', text, 'hex');

/** Of message `n` of user `u`, whose number is `n * users + u`. */
export function contentOf({ schedule, population }: Script, message: number): Content {
  const author = message % population.users;
  const n = Math.floor(message / population.users);
  const key = messageKey(RUN_NONCE, author, n);
  return { key, author, bodyHash: bodyHashOf(bodyOf(key, schedule.seed, author, n), md5) };
}

/** `messages` in the order of their places, of which the first is `from`. */
export function digestOf(script: Script, from: number, messages: readonly number[]): number {
  const page = messages.map((message, index): PageEntry => {
    const { key, author, bodyHash } = contentOf(script, message);
    return [from + index, key, author, bodyHash];
  });
  return pageDigest(page, md5);
}
