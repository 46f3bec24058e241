import { expect, it } from 'vitest';
import { FROM_MS, sampleEmptySeries, sampleSeries } from '../sample-series.fixture.ts';
import { partOf, steadyBusyCores, steadyUsage, usageByPart } from './parts.ts';

it('knows each process’s part by its name', () => {
  expect(
    ['load/shard-3', 'edge2/balancer-12', 'app1/chat', 'db4/patroni', 'db4/guard', 'x/y'].map(
      partOf,
    ),
  ).toEqual(['generator', 'balancer', 'chat', 'database', 'guard', 'other']);
});

it('adds up the processes of a part', () => {
  const usage = [
    { id: 'edge1/balancer-1', cores: 0.25, memoryBytes: 100 },
    { id: 'edge2/balancer-1', cores: 0.5, memoryBytes: 200 },
    { id: 'load/shard-0', cores: 1, memoryBytes: 7 },
  ];
  expect(usageByPart(usage)).toEqual([
    { part: 'generator', cores: 1, memoryBytes: 7 },
    { part: 'balancer', cores: 0.75, memoryBytes: 300 },
  ]);
});

it('takes the steady load only: after the first sample of the window, up to the first fault', () => {
  const series = {
    ...sampleSeries,
    bands: [{ label: 'kill-server', fromMs: FROM_MS + 20_000, toMs: FROM_MS + 40_000 }],
    machine: {
      atMs: [4, 9, 14, 24].map((second) => FROM_MS + 1_000 * second),
      busyCores: [2, 1, 1.5, 2],
      cores: 2,
      diskWait: [],
    },
    usage: [
      {
        id: 'app1/chat',
        atMs: [-5, 4, 9, 14, 19, 24].map((second) => FROM_MS + 1_000 * second),
        cores: [9, 9, 0.25, 0.5, 0.75, 9],
        memoryBytes: [9, 9, 2, 4, 3, 9],
      },
    ],
  };
  expect(steadyUsage(series)).toEqual([{ id: 'app1/chat', cores: 0.5, memoryBytes: 4 }]);
  expect(steadyBusyCores(series)).toBe(1.25);
});

it('knows nothing of a run without samples', () => {
  expect(steadyUsage(sampleEmptySeries)).toEqual([]);
  const machine = { atMs: [], busyCores: [], cores: null, diskWait: [] };
  expect(steadyBusyCores({ ...sampleEmptySeries, machine })).toBeNull();
});
