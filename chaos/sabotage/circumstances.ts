/**
 * In what circumstances a sabotage can do harm. Each is also run with nothing
 * sabotaged: then the verdict has to be green, so that what is found later is
 * the sabotage and not the weather.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import type { PlannedFault } from '../plan.ts';
import { primaryOf, withDatabase } from './database.ts';
import type { Circumstances, Rig, Stage } from './sabotage.ts';
import { reached } from './stage.ts';
import { stall, unstall } from './stall.ts';

/** A crash of PostgreSQL is over in three seconds; the proof wants to see the promotion. */
export const DEATH_OF_PRIMARY: PlannedFault = { kind: 'kill-postgres', holdSec: 8 };

/** The load's volley around a blow lasts 400 ms: something happens in every tenth part of it. */
const STALLED_BEFORE_MS = 250;
/** Old connections are given up within this, once there is a new primary. */
const STALLED_AFTER_MS = 2_000;
const CANCEL_EVERY_MS = 40;
/** Into the steady phase, where nothing else happens. */
const STEADY_FOR_MS = 3_000;
/** Long enough for some messages to wait on each server at 60 a second. */
const QUEUE_FOR_MS = 700;

/** In it every reader looks at each of its channels about twice. */
const LAGGING_FOR_MS = 5_000;

/** At least one sample of the open sockets falls into it: they are taken every five seconds. */
const STEADY_SEC = 7;
/** Users who lost their server are back within some seconds, and are to be counted again. */
const STEADY_WITH_RETURN_SEC = 15;

const one = (name: string, part: Partial<Circumstances> = {}): Circumstances => ({
  ...{ name, steadySec: STEADY_SEC, faults: [], rigs: [], tolerates: [] },
  ...part,
});

/** Does something right before the blow of the next fault, and lets the blow wait for it. */
export function beforeBlow(stage: Stage, action: (target: ServerId) => Promise<void>) {
  let target: ServerId | undefined;
  stage.listen((event) => {
    if (event.kind === 'fault-injecting') target = event.target;
  });
  // The event is written in the tick before the blow, so whatever comes first then is the blow.
  const waiting =
    <Arguments extends unknown[], Result>(blow: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      const server = target;
      target = undefined;
      if (server !== undefined) await action(server);
      return blow(...given);
    };
  const { execInProcess, execOnServer, killServer } = stage.cluster;
  return {
    execInProcess: waiting(execInProcess),
    execOnServer: waiting(execOnServer),
    killServer: waiting(killServer),
  } satisfies Partial<Cluster>;
}

/** Stalls what the primary sends, from a moment before its death until another has taken over. */
function stalledDeath(
  to: 'app' | 'db',
  meanwhile: (stage: Stage, primary: ServerId) => Promise<void>,
): Rig {
  return (stage) => {
    const { cluster, signal } = stage;
    return beforeBlow(stage, async (primary) => {
      await stall(cluster, primary, to);
      stage.beside(async () => {
        try {
          await stage.event(
            (event) => event.kind === 'leader' && !['', primary].includes(event.leader),
          );
          await pause(STALLED_AFTER_MS, undefined, { signal });
        } finally {
          await unstall(cluster, primary);
        }
      });
      await meanwhile(stage, primary);
    });
  };
}

const justWait = () => pause(STALLED_BEFORE_MS);

const CANCEL_WAITS = `
  select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`;

/** As an operator does who sees commits hang. */
async function cancelWaits({ cluster }: Stage, primary: ServerId): Promise<void> {
  await withDatabase(cluster, primary, async (client) => {
    for (let cancelledMs = 0; cancelledMs < STALLED_BEFORE_MS; cancelledMs += CANCEL_EVERY_MS) {
      await client.query(CANCEL_WAITS);
      await pause(CANCEL_EVERY_MS);
    }
  });
}

export const calm = one('calm');

export const primaryDies = one('primary-dies', { faults: [DEATH_OF_PRIMARY] });

export const replicationStalls = one('replication-stalls', {
  faults: [DEATH_OF_PRIMARY],
  rigs: [stalledDeath('db', justWait)],
});

export const waitsCancelled = one('waits-cancelled', {
  faults: [DEATH_OF_PRIMARY],
  rigs: [stalledDeath('db', cancelWaits)],
});

export const answersLost = one('answers-lost', {
  faults: [DEATH_OF_PRIMARY],
  rigs: [stalledDeath('app', justWait)],
});

/** Does something beside the run, from when the load is steady. */
const onceSteady =
  (action: (stage: Stage) => Promise<void>): Rig =>
  (stage) => {
    stage.beside(async () => {
      await reached(stage, 'steady');
      await action(stage);
    });
    return {};
  };

/** Replicas receive and confirm all the time, and for a while show nothing new. */
export const replicasLag = one('replicas-lag', {
  rigs: [
    onceSteady(async ({ cluster, signal }) => {
      const primary = await primaryOf(cluster);
      const replicas = cluster.servers.filter(({ id, role }) => role === 'db' && id !== primary);
      // Patroni ends a pause of the replay that it has not asked for; what replays, it leaves alone.
      const signalReplay = async (name: 'STOP' | 'CONT') => {
        const command = ['pkill', `-${name}`, '-f', '[s]tartup recovering'];
        const done = await Promise.all(
          replicas.map(({ id }) => cluster.execInProcess(`${id}/patroni`, command)),
        );
        if (done.some(({ exitCode }) => exitCode !== 0)) throw notSignalled(name);
      };
      try {
        await signalReplay('STOP');
        await pause(LAGGING_FOR_MS, undefined, { signal });
      } finally {
        await signalReplay('CONT');
      }
    }),
  ],
});

const notSignalled = (name: string): HoldfastError =>
  new HoldfastError({
    code: 'sabotage-not-done',
    message: `SIG${name} did not reach the process that replays on every replica`,
    remedy: 'see holdfast cluster status: are all replicas up?',
  });

const CHAT = 'app1/chat';

/** A chat server dies and comes back; its users resume elsewhere. */
export const chatDies = one('chat-dies', {
  steadySec: STEADY_WITH_RETURN_SEC,
  tolerates: ['plateau-held'],
  rigs: [
    onceSteady(async (stage) => {
      await pause(STEADY_FOR_MS, undefined, { signal: stage.signal });
      await stage.cluster.signalProcess(CHAT, 'SIGKILL');
      await stage.cluster.startProcess(CHAT);
    }),
  ],
});

/** A chat server is told to leave while messages wait in its queue, because replication stalls. */
export const chatLeaves = one('chat-leaves', {
  steadySec: STEADY_WITH_RETURN_SEC,
  tolerates: ['plateau-held'],
  rigs: [
    onceSteady(async ({ cluster, signal }) => {
      const primary = await primaryOf(cluster);
      await pause(STEADY_FOR_MS, undefined, { signal });
      await stall(cluster, primary, 'db');
      try {
        await pause(QUEUE_FOR_MS, undefined, { signal });
        await cluster.signalProcess(CHAT, 'SIGTERM');
        await pause(QUEUE_FOR_MS, undefined, { signal });
      } finally {
        await unstall(cluster, primary);
      }
    }),
  ],
});
