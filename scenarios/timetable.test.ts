import { expect, test } from 'vitest';
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

test('a task runs in the first step that is not before its time', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(1_021, { run: note('a') });
  advanceTo(1_020);
  expect(ran).toEqual([]);
  advanceTo(1_030);
  expect(ran).toEqual(['a 1030']);
  advanceTo(2_000);
  expect(ran).toEqual(['a 1030']);
});

test('after a standstill all that was due runs, in the order of its time', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(1_400, { run: note('late') });
  timetable.after(10, note('soon'));
  timetable.at(1_020, { run: note('soon too') });
  advanceTo(9_999);
  expect(ran).toEqual(['soon 9999', 'soon too 9999', 'late 9999']);
});

test('what is past runs in the next step, also when a task asks for it', () => {
  const { timetable, ran, note, advanceTo } = start();
  timetable.at(500, { run: note('past') });
  timetable.at(1_010, { run: () => timetable.at(0, { run: note('asked for by a task') }) });
  advanceTo(1_010);
  expect(ran).toEqual(['past 1010']);
  advanceTo(1_020);
  expect(ran).toEqual(['past 1010', 'asked for by a task 1020']);
});
