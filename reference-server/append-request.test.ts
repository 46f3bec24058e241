import { expect, test } from 'vitest';
import { encodeDrafts, parseAppendReply, parseDrafts } from './append-request.ts';
import type { Draft } from './message.ts';

const draft = (key: string): Draft => ({ key, channel: 7, author: 3, body: 'Grüße 🌊' });

test('drafts arrive as they were sent', () => {
  const drafts = [draft('a'), draft('b')];
  expect(encodeDrafts(drafts).map(parseDrafts)).toEqual([drafts]);
});

test.each(['', '[]', '[["a",7,3]]', '[["a","7",3,"hello"]]', '{}'])(
  'a request like %j is none',
  (payload) => {
    expect(parseDrafts(payload)).toBeUndefined();
  },
);

test('an answer says where each message is, or that its key is taken', () => {
  const reply = { kind: 'stored', sequences: [4, null] };
  expect(parseAppendReply(JSON.stringify(reply))).toEqual(reply);
  expect(parseAppendReply('{"kind":"stored","sequences":[0]}')).toBeUndefined();
  expect(parseAppendReply('{"kind":"yes"}')).toBeUndefined();
});
