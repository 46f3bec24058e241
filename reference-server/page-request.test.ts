import { expect, test } from 'vitest';
import { pageReply, parsePageReply, parsePageRequest } from './page-request.ts';
import { BODY_LENGTH_MAX, type HistoryEntry } from './protocol.ts';

const entries = (count: number, body: string): HistoryEntry[] =>
  Array.from({ length: count }, (_, index) => [index + 1, `k${index + 1}`, 1, body]);

test('a usual page is sent whole', () => {
  const page = entries(200, 'hello');
  expect(parsePageReply(JSON.stringify(pageReply(page)))).toEqual({
    kind: 'page',
    entries: page,
    isWhole: true,
  });
  expect(pageReply([])).toEqual({ kind: 'page', entries: [], isWhole: true });
});

test('of a page that is too long the newest entries are sent, and it is said', () => {
  const page = entries(200, '€'.repeat(BODY_LENGTH_MAX));
  const reply = pageReply(page);
  if (reply.kind !== 'page') throw new Error('no page');
  expect(reply.isWhole).toBe(false);
  expect(reply.entries.length).toBeGreaterThan(1);
  expect(reply.entries).toEqual(page.slice(-reply.entries.length));
});

test.each([
  ['no JSON', '{'],
  ['a page of none', '{"channel":1,"before":0,"limit":0,"published":9}'],
  ['a page that is too long', '{"channel":1,"before":0,"limit":201,"published":9}'],
  ['no place of the feed', '{"channel":1,"before":0,"limit":10}'],
])('a request with %s is none', (_, payload) => {
  expect(parsePageRequest(payload)).toBeUndefined();
});
