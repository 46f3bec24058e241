/** Sabotages of the load generator: another script than the usual users, or one that dies under way. */
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoadShard } from '../../cluster/cluster.ts';
import { calm } from './circumstances.ts';
import type { Rig, Sabotage } from './sabotage.ts';
import { reached } from './stage.ts';

const SCRIPTS = resolve(import.meta.dirname, 'generator');
/** As deep as in the project, so that the scripts find the scenarios they bend. */
const SCRIPTS_MOUNTED = '/project/chaos/sabotage/generator';
/** The second: the first is honest, so that one shard alone has to be noticed. */
const BROKEN_SHARD = 1;
const STEADY_FOR_MS = 3_000;

/** One shard runs another script. */
const running =
  (script: string): Rig =>
  ({ cluster }) => ({
    startLoadShard(options) {
      if (options.shard !== BROKEN_SHARD) return cluster.startLoadShard(options);
      return cluster.startLoadShard({
        ...options,
        arguments: [...options.arguments.slice(0, -1), `${SCRIPTS_MOUNTED}/${script}`],
        mounts: [...options.mounts, { source: SCRIPTS, target: SCRIPTS_MOUNTED, readOnly: true }],
      });
    },
  });

const killed: Rig = (stage) => ({
  async startLoadShard(options) {
    const shard: LoadShard = await stage.cluster.startLoadShard(options);
    if (options.shard === BROKEN_SHARD) {
      stage.beside(async () => {
        await reached(stage, 'steady');
        await pause(STEADY_FOR_MS, undefined, { signal: stage.signal });
        await shard.kill();
      });
    }
    return shard;
  },
});

export const GENERATOR_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'sends-skipped',
    breaks: 'The generator leaves out some of the messages that it means to send.',
    circumstances: calm,
    rigs: [running('skips-sends.ts')],
    expects: { verdict: 'inconclusive', by: ['offered-load'] },
  },
  {
    name: 'generator-starved',
    breaks: 'The generator stands still now and then, and does not keep up.',
    circumstances: calm,
    rigs: [running('stands-still.ts')],
    expects: { verdict: 'inconclusive', by: ['event-loop-lag', 'send-lag'] },
  },
  {
    name: 'shard-clock-moved',
    breaks: 'The clock of one generator is two seconds ahead.',
    circumstances: calm,
    rigs: [running('clock-ahead.ts')],
    expects: { verdict: 'inconclusive', by: ['clocks', 'generator-clocks'] },
  },
  {
    name: 'shard-killed',
    breaks: 'One of the generators dies while the run goes on.',
    circumstances: calm,
    rigs: [killed],
    expects: { verdict: 'inconclusive', by: ['shards-finished'] },
  },
];
