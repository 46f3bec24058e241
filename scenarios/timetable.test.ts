import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Timetable } from './timetable.ts';

function start() {
  let nowMs = 1_003;
  const ran: string[] = [];
  const timetable = new Timetable(() => nowMs);
  const note = (name: string) => () => void ran.push(`${name} ${nowMs}`);
  const advanceTo = (ms: number) => {
    nowMs = ms;
    timetable.catchUp();
  };
  return { timetable, ran, note, advanceTo };
}

test('a task runs once, in the first millisecond that is not before its time', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(1_020.2, { run: note('a') });
  advanceTo(1_020);
  expect(ran).toEqual([]);
  advanceTo(1_021);
  expect(ran).toEqual(['a 1021']);
  advanceTo(2_000);
  expect(ran).toEqual(['a 1021']);
});

test('after a standstill all that was due runs, in the order of its time', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(1_400, { run: note('late') });
  timetable.after(10, note('soon'));
  timetable.at(1_020, { run: note('soon too') });
  advanceTo(9_999);
  expect(ran).toEqual(['soon 9999', 'soon too 9999', 'late 9999']);
});

test('what is past runs in the next millisecond, also when a task asks for it', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(500, { run: note('past') });
  timetable.at(1_004, { run: () => timetable.at(0, { run: note('asked for by a task') }) });
  advanceTo(1_004);
  expect(ran).toEqual(['past 1004']);
  advanceTo(1_005);
  expect(ran).toEqual(['past 1004', 'asked for by a task 1005']);
});

describe('on a clock that runs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('wakes when something is due, until it is ended', () => {
    vi.setSystemTime(1_003);
    const ran: number[] = [];
    const timetable = new Timetable(() => Date.now());
    for (const atMs of [1_010, 1_018, 1_030]) {
      timetable.at(atMs, { run: () => void ran.push(Date.now()) });
    }
    const end = timetable.start();
    vi.advanceTimersByTime(20);
    end();
    vi.advanceTimersByTime(20);
    expect(ran).toEqual([1_010, 1_018]);
  });

  test('wakes in time for what was entered meanwhile, and is not woken for nothing', () => {
    vi.setSystemTime(1_000);
    const ran: number[] = [];
    let looks = 0;
    const timetable = new Timetable(() => {
      looks++;
      return Date.now();
    });
    const end = timetable.start();
    timetable.at(1_090, { run: () => void ran.push(Date.now()) });
    timetable.at(1_050, { run: () => void ran.push(Date.now()) });
    vi.advanceTimersByTime(40);
    looks = 0;
    vi.advanceTimersByTime(9);
    expect(looks).toBe(0);
    vi.advanceTimersByTime(9_951);
    expect(ran).toEqual([1_050, 1_090]);
    timetable.at(20_000, { run: () => void ran.push(Date.now()) });
    vi.advanceTimersByTime(20_000);
    expect(ran).toEqual([1_050, 1_090, 20_000]);
    end();
  });

  test('ends when a task ends it: a timer left over would keep the generator alive', () => {
    vi.setSystemTime(1_003);
    const timetable = new Timetable(() => Date.now());
    const end = timetable.start();
    timetable.after(20, () => end());
    vi.advanceTimersByTime(30);
    expect(vi.getTimerCount()).toBe(0);
  });
});
