import { expect, test } from 'vitest';
import { growthOf, parseCounters, totalOf } from './service-counters.ts';

const text = `# HELP chat_logins_total Upgrade requests by outcome.
# TYPE chat_logins_total counter
chat_logins_total{outcome="ok"} 7
chat_logins_total{outcome="expired"} 2
chat_open_sockets 5
chat_commit_seconds_bucket{le="0.002"} 3
chat_commit_seconds_sum 1.5
process_cpu_seconds_total 12.5
`;

test('reads the series of the chat servers, and no histograms', () => {
  expect([...parseCounters(text)]).toEqual([
    ['chat_logins_total{outcome="ok"}', 7],
    ['chat_logins_total{outcome="expired"}', 2],
    ['chat_open_sockets', 5],
  ]);
});

test('sums a metric over its labels', () => {
  const counters = parseCounters(text);
  expect(totalOf(counters, 'chat_logins_total')).toBe(9);
  expect(totalOf(counters, 'chat_logins_total', 'outcome="expired"')).toBe(2);
  expect(totalOf(counters, 'chat_logins')).toBe(0);
});

test('says what grew over all servers, and nothing of what did not', () => {
  const before = new Map([['app1', parseCounters(text)]]);
  const later = parseCounters(text.replace('"expired"} 2', '"expired"} 4'));
  const after = new Map([
    ['app1', later],
    ['app2', parseCounters('chat_logins_total{outcome="expired"} 1\n')],
  ]);
  expect(growthOf(before, after)).toEqual({ 'chat_logins_total{outcome="expired"}': 3 });
});
