/**
 * The wall clock of a database server, as its programs see it: moved through a
 * file in each of its containers (`cluster/components/movable-clock.ts`), read
 * through SQL. A program notices within a second.
 */
import { type Cluster, FAULT_MARK, type Moment, type ServerId } from '../../cluster/cluster.ts';
import { CLOCK_FILE } from '../../cluster/components/movable-clock.ts';
import { endMarked, inBackground } from './marked-process.ts';
import { undoInside } from './processes.ts';
import { ask } from './sql.ts';
import { strikeOrFail } from './strike.ts';
import { processesOf } from './target.ts';

/** In one step: half an offset would end whoever reads it. */
const WRITE = `mv ${CLOCK_FILE}.next ${CLOCK_FILE}`;
const DRIFT_EVERY_SEC = 0.5;
const MICROSECONDS = 1_000_000;

export interface ServerClock {
  jump(bySec: number): Promise<Moment>;
  /** It gains so much from now on (loses, when negative), by small steps. */
  drift(percent: number): Promise<Moment>;
  /** Harmless when it is right. */
  setRight(): Promise<void>;
  /** Seconds by which it is ahead of the harness's; asked through SQL. */
  read(): Promise<Offset>;
}

/** The truth lies within `sec` ± `uncertaintySec`. */
interface Offset {
  readonly sec: number;
  readonly uncertaintySec: number;
}

export function serverClock(cluster: Cluster, server: ServerId): ServerClock {
  const processes = processesOf(cluster, server);
  const strike = async (command: readonly string[]): Promise<Moment> => {
    const moments = await Promise.all(
      processes.map((process) =>
        strikeOrFail((timed) => cluster.execInProcess(process, timed), command, process),
      ),
    );
    return {
      fromMs: Math.min(...moments.map(({ fromMs }) => fromMs)),
      toMs: Math.max(...moments.map(({ toMs }) => toMs)),
    };
  };
  return {
    jump: (bySec) => strike(['sh', '-c', `echo ${signed(bySec)} > ${CLOCK_FILE}.next && ${WRITE}`]),
    drift: (percent) => strike(inBackground(['bash', '-c', driftScript(percent), FAULT_MARK])),
    async setRight() {
      await Promise.all(
        processes.map(async (process) => {
          // What makes it drift first, or it would write once more.
          await endMarked(cluster, process);
          await undoInside(cluster, process, ['rm', '-f', CLOCK_FILE, `${CLOCK_FILE}.next`]);
        }),
      );
    },
    async read() {
      const askedMs = Date.now();
      const theirs = await ask(cluster, server, 'select extract(epoch from clock_timestamp())');
      const tookMs = Date.now() - askedMs;
      return {
        sec: Number(theirs) - (askedMs + tookMs / 2) / 1_000,
        uncertaintySec: tookMs / 2_000,
      };
    },
  };
}

const signed = (seconds: number): string => (seconds < 0 ? String(seconds) : `+${seconds}`);

/** Whole microseconds, as bash counts. */
const driftScript = (percent: number): string => `now() { echo "\${EPOCHREALTIME/[.,]/}"; }
began=$(now)
while sleep ${DRIFT_EVERY_SEC}; do
  gained=$(( ($(now) - began) * ${Math.round((percent / 100) * MICROSECONDS)} / ${MICROSECONDS} ))
  sign=+; [ "$gained" -lt 0 ] && sign=- && gained=$(( -gained ))
  printf '%s%d.%06d\\n' $sign $(( gained / ${MICROSECONDS} )) $(( gained % ${MICROSECONDS} )) > ${CLOCK_FILE}.next
  ${WRITE}
done`;
