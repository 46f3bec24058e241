/**
 * The testers tested: in any clean run no checker finds anything, and each
 * known defect, put anywhere into any run, is found by its checker.
 */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { listens } from '../../scenarios/delivery-times.ts';
import type { CheckResult } from '../findings.ts';
import {
  cleanHistory,
  historyLine,
  rowOf,
  type History,
  type Shown,
} from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { checkAll } from './index.ts';

/** Options, not histories: each try has to make its own, because it puts a defect into it. */
const options = fc.record(
  {
    users: fc.integer({ min: 2, max: 30 }),
    perUser: fc.integer({ min: 2, max: 12 }),
    shards: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 0, max: 1_000 }),
    faultAtMs: fc.integer({ min: 0, max: 4_000 }),
  },
  { requiredKeys: ['users', 'perUser', 'shards', 'seed'] },
);
/** Where in a list the defect goes, as a share of its length. */
const places = fc.double({ min: 0, max: 0.999, noNaN: true });
const nodes = fc.constantFrom('db1', 'db2', 'db3', 'db4');

/** Each run writes and reads a directory of files: some ten milliseconds. */
const RUNS = { numRuns: 20 };
// A machine that is busy otherwise takes ten times as long as an idle one.
vi.setConfig({ testTimeout: 60_000 });

/** Of the checkers that had anything to look at: in most of these runs nobody reads history. */
const resultsOf = (history: History): readonly CheckResult[] =>
  withLedgers(history, (ledgers) =>
    checkAll(ledgers).checks.filter(({ kind }) => kind !== 'not-tested'),
  );

function resultOf(history: History, id: string): CheckResult {
  const result = resultsOf(history).find((each) => each.id === id);
  if (result === undefined) throw new Error(`there is no checker ${id}`);
  return result;
}

function pick<T>(list: readonly T[], place: number): T {
  const found = list[Math.floor(place * list.length)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

test('a clean run, with an outage or without, holds everywhere', () => {
  fc.assert(
    fc.property(options, (made) => {
      const history = cleanHistory(made);
      for (const result of resultsOf(history)) {
        expect(result).toMatchObject({ kind: 'held', examples: [] });
      }
    }),
    RUNS,
  );
});

test('an acknowledged row removed from any node is lost, exactly one', () => {
  fc.assert(
    fc.property(options, places, nodes, (made, place, node) => {
      const history = cleanHistory(made);
      const rows = history.rows[node] ?? [];
      const { key } = pick(rows, place);
      history.rows[node] = rows.filter((row) => row.key !== key);
      const result = resultOf(history, 'lost');
      expect(result).toMatchObject({ kind: 'refuted', counts: { lost: 1 } });
      expect(result.examples[0]).toContain(`${key} `);
      expect(resultOf(history, 'nodes-agree').kind).toBe('refuted');
    }),
    RUNS,
  );
});

test('a row stored twice on any node is a duplicate, exactly one', () => {
  fc.assert(
    fc.property(options, places, nodes, (made, place, node) => {
      const history = cleanHistory(made);
      const rows = history.rows[node] ?? [];
      const row = pick(rows, place);
      const head = Math.max(
        ...rows.filter(({ channel }) => channel === row.channel).map((each) => each.sequence),
      );
      rows.push({ ...row, sequence: head + 1 });
      expect(resultOf(history, 'duplicated').counts).toEqual({ duplicated: 1, keys: 1, places: 0 });
    }),
    RUNS,
  );
});

test('a delivery that one member missed is undelivered, exactly one', () => {
  fc.assert(
    fc.property(options, places, places, (made, place, where) => {
      const history = cleanHistory(made);
      const receipt = pick(
        history.received.filter(({ ranges }) => (ranges[0]?.[1] ?? 0) > 0),
        place,
      );
      const head = receipt.ranges[0]?.[1] ?? 0;
      const missed = 1 + Math.floor(where * head);
      receipt.ranges = [
        [1, missed - 1],
        [missed + 1, head],
      ];
      const result = resultOf(history, 'undelivered');
      expect(result).toMatchObject({ kind: 'refuted', counts: { undelivered: 1 } });
      expect(result.examples[0]).toContain(`the first is ${missed}:`);
    }),
    RUNS,
  );
});

test('a row that its user never sent is a phantom, exactly one', () => {
  fc.assert(
    fc.property(options, places, (made, place) => {
      const history = cleanHistory(made);
      const message = pick(history.sent, place);
      history.sent = history.sent.filter((each) => each !== message);
      expect(resultOf(history, 'phantom')).toMatchObject({
        kind: 'refuted',
        counts: { phantom: 1, unsent: 1 },
      });
    }),
    RUNS,
  );
});

test('two messages of a sender turned round in a channel are reordered', () => {
  fc.assert(
    fc.property(options, (made) => {
      const history = cleanHistory(made);
      const pair = history.sent.flatMap((first) => {
        const second = history.sent.find(
          (each) => each.user === first.user && each.channel === first.channel && each.n > first.n,
        );
        return second === undefined ? [] : [[first, second] as const];
      })[0];
      fc.pre(pair !== undefined);
      if (pair === undefined) return;
      const [first, second] = pair;
      [first.sequence, second.sequence] = [second.sequence, first.sequence];
      for (const node of history.nodes) {
        history.rows[node] = history.sent.map((message) => rowOf(history.schedule, message));
      }
      expect(resultOf(history, 'reordered').kind).toBe('refuted');
      // The senders were told these places, so nothing is lost.
      expect(resultOf(history, 'lost').kind).toBe('held');
    }),
    RUNS,
  );
});

test('a message without an acknowledgement is ambiguous, and nothing else', () => {
  fc.assert(
    fc.property(options, places, fc.boolean(), (made, place, stored) => {
      const history = cleanHistory(made);
      const message = pick(history.sent, place);
      message.acknowledgedMs = null;
      if (!stored) {
        const heads = history.sent.filter(({ channel }) => channel === message.channel);
        // Only a channel's last message can be absent without a gap.
        fc.pre(heads.every(({ sequence }) => sequence <= message.sequence));
        for (const node of history.nodes) {
          const rows = history.rows[node] ?? [];
          history.rows[node] = rows.filter(({ key }) => key !== `r1-${message.user}-${message.n}`);
        }
        for (const receipt of history.received) {
          if (receipt.channel === message.channel) receipt.ranges = [[1, message.sequence - 1]];
        }
      }
      const results = resultsOf(history);
      expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'held'));
      expect(results.find(({ id }) => id === 'ambiguous')?.counts).toEqual({
        ambiguous: 1,
        stored: stored ? 1 : 0,
        absent: stored ? 0 : 1,
      });
    }),
    RUNS,
  );
});

test('a delivery whose row is on no node, or missing on one, was visible too early', () => {
  fc.assert(
    fc.property(options, places, nodes, (made, place, node) => {
      const history = cleanHistory(made);
      const { key } = pick(history.rows[node] ?? [], place);
      history.rows[node] = (history.rows[node] ?? []).filter((row) => row.key !== key);
      const result = resultOf(history, 'visible-early');
      expect(result.kind).toBe('refuted');
      expect(result.examples[0]).toContain(`is not in ledger/rows-${node}.tsv`);
    }),
    RUNS,
  );
});

/** A user reads the history of a channel, page after page. */
function showPages(history: History, pages: readonly Shown[]): void {
  pages.forEach((shown, index) => {
    const atMs = 6_000 + index;
    const { users } = history.plan;
    const bounds = history.timedLines.map((_, shard) =>
      Math.floor((users * (shard + 1)) / history.shards),
    );
    const shard = bounds.findIndex((bound) => shown.user < bound);
    history.timedLines[shard]?.push([atMs, historyLine(history, atMs, shown)]);
  });
}

test('pages of history as they are stored, each newer than the last, hold', () => {
  fc.assert(
    fc.property(options, places, (made, place) => {
      const history = cleanHistory(made);
      const { user, channel, sequence } = pick(history.sent, place);
      const pages = Array.from({ length: sequence + 1 }, (_, to) => ({ user, channel, to }));
      showPages(history, pages);
      for (const result of resultsOf(history)) {
        expect(result).toMatchObject({ kind: 'held', examples: [] });
      }
      expect(resultOf(history, 'stale-reads').counts['reads']).toBe(sequence + 1);
    }),
    RUNS,
  );
});

test('a delivery that says something else is a wrong delivery, exactly one', () => {
  fc.assert(
    fc.property(options, places, (made, place) => {
      const history = cleanHistory(made);
      const listening = history.received.filter(({ user }) => listens(made.seed, user, made.users));
      const heard = listening.filter(({ ranges }) => (ranges[0]?.[1] ?? 0) > 0);
      fc.pre(heard.length > 0);
      const { user, channel, ranges } = pick(heard, place);
      const sequence = 1 + Math.floor(place * (ranges[0]?.[1] ?? 1));
      history.heard = (to, row) =>
        to === user && row.channel === channel && row.sequence === sequence
          ? { ...row, body: row.body.slice(1) }
          : row;
      expect(resultOf(history, 'wrong-delivery')).toMatchObject({
        kind: 'refuted',
        counts: { differing: 1 },
      });
    }),
    RUNS,
  );
});

test('a page that ends before one that its reader had seen is stale, exactly one', () => {
  fc.assert(
    fc.property(options, places, (made, place) => {
      const history = cleanHistory(made);
      const { user, channel, sequence } = pick(history.sent, place);
      showPages(history, [
        { user, channel, to: sequence },
        { user, channel, to: sequence - 1 },
      ]);
      expect(resultOf(history, 'stale-reads')).toMatchObject({
        kind: 'refuted',
        counts: { backwards: 1 },
      });
      expect(resultOf(history, 'wrong-history').kind).toBe('held');
    }),
    RUNS,
  );
});

test('a page that shows a message under another author is a wrong history, exactly one', () => {
  fc.assert(
    fc.property(options, places, places, (made, place, where) => {
      const history = cleanHistory(made);
      const { user, channel, sequence } = pick(history.sent, place);
      const change: Shown['change'] = (page) => {
        const changed = pick(page, where);
        return page.map((row) => (row === changed ? { ...row, author: row.author + 1 } : row));
      };
      showPages(history, [{ user, channel, to: sequence, change }]);
      expect(resultOf(history, 'wrong-history')).toMatchObject({
        kind: 'refuted',
        counts: { differing: 1 },
      });
    }),
    RUNS,
  );
});
