/**
 * What a run shows while it goes on: on a terminal one live line under the
 * events, elsewhere a plain line now and then.
 */
import type { RunEvent } from '../chaos/events.ts';
import type { LiveLedger } from '../chaos/live-ledger.ts';
import { percentile } from '../chaos/statistics.ts';

/** In a log a line every so often is enough to see that it lives. */
const PLAIN_EVERY_MS = 15_000;
const WIDTH = 80;

const PHASES = {
  cluster: 'starting the cluster',
  preflight: 'preflight: redundancy, tables, clocks',
  connect: 'connecting users',
  steady: 'steady load',
  campaign: 'breaking things',
  drain: 'draining: last retries and deliveries',
  collect: 'reading every database node',
} as const;

export interface Progress extends Disposable {
  line(text: string): void;
  onEvent(event: RunEvent): void;
  onLive(live: LiveLedger): void;
}

/** The words for an event, or nothing where it would only be noise. */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'phase':
      return PHASES[event.phase];
    case 'fault-skipped':
      return `${event.id}: skipped: ${event.why}`;
    case 'fault-injected':
      return `${event.id}: struck ${event.target}`;
    case 'fault-proof':
      return `${event.id}: ${event.proof.bitten ? 'proven' : 'NOT PROVEN'}: ${event.proof.observations
        .filter(({ ok }) => ok === event.proof.bitten)
        .map(({ what }) => what)
        .join('; ')}`;
    case 'fault-held':
      return event.observations.every(({ ok }) => ok)
        ? undefined
        : `${event.id}: WAS OVER before its heal: ${event.observations
            .filter(({ ok }) => !ok)
            .map(({ what, seen }) => `${what}: ${seen}`)
            .join('; ')}`;
    case 'fault-healed':
      return `${event.id}: healed`;
    case 'redundancy-restored':
      return `${event.id}: redundancy restored`;
    case 'leader':
      return event.leader === '' ? 'leader: nobody' : `leader: ${event.leader}`;
    case 'steady-state':
      return event.held ? undefined : `${event.before}: no steady state before it: ${event.detail}`;
    case 'rows-read':
      return `${event.node}: ${event.complete ? `${event.rows} rows` : `not read: ${event.detail}`}`;
    case 'interrupted':
      return `interrupted: ${event.reason}`;
    default:
      return undefined;
  }
}

/** One line about the last second of load. */
export function describeLive(live: LiveLedger, nowMs: number): string {
  const { acknowledged, inTime, latenciesMs } = live.recent(nowMs, 3);
  const p99 = percentile(
    latenciesMs.toSorted((a, b) => a - b),
    99,
  );
  const share = acknowledged === 0 ? '-' : `${((100 * inTime) / acknowledged).toFixed(1)} %`;
  return (
    `${live.connected} users  ${(acknowledged / 3).toFixed(0)} acks/s  ` +
    `p99 ${p99 === null ? '-' : `${p99} ms`}  in time ${share}  under way ${live.outstanding}`
  );
}

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const beganMs = Date.now();
  let status = '';
  let plainSaidMs = 0;

  const stamp = (): string => {
    const sec = Math.floor((Date.now() - beganMs) / 1_000);
    return `${String(Math.floor(sec / 60)).padStart(2, ' ')}:${String(sec % 60).padStart(2, '0')}`;
  };
  const clear = (): void => {
    if (status !== '') stream.write(`\r${' '.repeat(status.length)}\r`);
    status = '';
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${stamp()}  ${text}\n`);
  };
  return {
    line,
    onEvent(event) {
      const words = describeEvent(event);
      if (words !== undefined) line(words);
    },
    onLive(live) {
      const words = describeLive(live, Date.now());
      if (stream.isTTY) {
        clear();
        status = `${stamp()}  ${words}`.slice(0, WIDTH - 1);
        stream.write(status);
      } else if (Date.now() - plainSaidMs >= PLAIN_EVERY_MS) {
        plainSaidMs = Date.now();
        line(words);
      }
    },
    [Symbol.dispose]: clear,
  };
}
