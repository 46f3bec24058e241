/**
 * Users who send and wait for the acknowledgement, each in a channel of two,
 * evenly on all chat servers: first each as fast as it is answered, one
 * message at a time; then at a given rate of all together, whatever comes back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.ts';
import { ports } from '../../cluster/ports.ts';
import type { RawSocket } from '../raw-socket.ts';
import { gather, stamp, type Crowd } from '../server/crowd.ts';

const STEP_MS = 2;
const FILL = 'so the tide came in and the rock held fast and the boats lay still in it'.padEnd(80);

/** User 2k and 2k + 1 in channel k + 1. */
export const pairsOf = (users: number): { id: number; members: readonly number[] }[] =>
  Array.from({ length: users / 2 }, (_, pair) => ({
    id: pair + 1,
    members: [2 * pair, 2 * pair + 1],
  }));

export interface Senders extends Disposable {
  /** Acknowledgements a second, everybody sending as soon as answered. */
  atFullSpeed(seconds: number): Promise<number>;
  /** How long each acknowledgement took from its intended time, ms, in no order. */
  atRate(rateHz: number, seconds: number): Promise<readonly number[]>;
}

const total = (crowds: readonly Crowd[]): { acks: number; failed: number } => ({
  acks: crowds.reduce((sum, { counts }) => sum + counts.acks, 0),
  failed: crowds.reduce((sum, { counts }) => sum + counts.errors + counts.gone, 0),
});

/** The cluster's chat tables hold `pairsOf(users)`. */
export async function gatherSenders(cluster: Cluster, users: number): Promise<Senders> {
  const nonce = `${process.pid}-${Date.now().toString(36)}`;
  const intended = new Map<string, number>();
  let latenciesMs: number[] = [];
  let isLooping = false;
  let sent = 0;

  const channelOf = (user: number): number => Math.floor(user / 2) + 1;
  function send(socket: RawSocket, intendedMs: number): void {
    const key = `${nonce}-${sent++}`;
    intended.set(key, intendedMs);
    socket.send(['send', key, channelOf(socket.user), `${stamp(intendedMs)}${FILL}`]);
  }
  function acknowledged(socket: RawSocket, key: string): void {
    latenciesMs.push(performance.now() - (intended.get(key) ?? Number.NaN));
    intended.delete(key);
    if (isLooping) send(socket, performance.now());
  }

  const apps = cluster.servers.filter(({ role }) => role === 'app');
  const share = Math.floor(users / 2 / apps.length) * 2;
  using opened = new DisposableStack();
  const crowds: Crowd[] = [];
  for (const [index, { address }] of apps.entries()) {
    const crowd = await gather({
      host: address,
      port: ports.chat,
      tokenSecret: cluster.secrets.tokenSecret,
      firstUser: index * share,
      channelsOfUser: Array.from({ length: share }, (_, user) => [channelOf(index * share + user)]),
      acknowledged,
    });
    crowds.push(opened.use(crowd));
  }
  const sockets = crowds.flatMap((crowd) => crowd.sockets);

  async function emptied(): Promise<void> {
    const untilMs = performance.now() + 10_000;
    while (intended.size > 0) {
      await pause(STEP_MS);
      const { failed } = total(crowds);
      if (failed > 0 || performance.now() > untilMs) {
        const why = crowds.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure;
        throw new Error(`${intended.size} messages unanswered: ${why ?? 'nobody said why'}`);
      }
    }
  }

  const closing = opened.move();
  return {
    async atFullSpeed(seconds) {
      isLooping = true;
      const began = performance.now();
      const before = total(crowds).acks;
      for (const socket of sockets) send(socket, began);
      await pause(seconds * 1_000);
      const hz = ((total(crowds).acks - before) * 1_000) / (performance.now() - began);
      isLooping = false;
      await emptied();
      return hz;
    },
    async atRate(rateHz, seconds) {
      latenciesMs = [];
      const began = performance.now();
      for (let n = 0; n < rateHz * seconds;) {
        const due = ((performance.now() - began) * rateHz) / 1_000;
        for (; n <= due; n++) {
          const socket = sockets[(n * 7919) % sockets.length];
          if (socket !== undefined) send(socket, began + (n * 1_000) / rateHz);
        }
        await pause(STEP_MS);
      }
      await emptied();
      return latenciesMs;
    },
    [Symbol.dispose]: () => closing.dispose(),
  };
}
