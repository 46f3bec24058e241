/**
 * The load of a run: k6 shards on the plan's users, and the control socket
 * that ends them. Each shard writes its own client ledger while it runs.
 *
 * A shard stops by itself when the control socket closes, so no load outlives
 * the harness, however that ends.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { WebSocketServer } from 'ws';
import type { Cluster, LoadShard } from '../cluster/cluster.ts';
import { SPARING_GO } from '../cluster/components/process-spec.ts';
import { HoldfastError } from '../cluster/errors.ts';
import type { ControlMessage, ShardConfig } from '../scenarios/control.ts';
import { readsHistory } from '../scenarios/history.ts';
import type { Population } from '../scenarios/population.ts';
import type { Schedule } from '../scenarios/schedule.ts';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import type { Spell } from '../scenarios/shapes/shape.ts';
import type { EventLog } from './event-log.ts';
import type { Plan } from './plan.ts';
import { clientLedgerFile } from './run-directory.ts';
import { beginLedger, loginsOf } from './shard-users.ts';
import { type Collecting, collectInTurn, k6Arguments } from './shard-memory.ts';
import { type SlowReaders, startSlowReaders } from './slow-readers.ts';

/**
 * Sockets a virtual user holds: all of a shard's. A shard has one core at most, and what a virtual
 * user keeps beside its sockets is then in the cache: a tenth less CPU than with 100.
 */
const SOCKETS_PER_VIRTUAL_USER = 10_000;
/** k6 needs so long to load the script before the first user connects. */
const START_UP_MS = 8_000;
/** Between the last user's connecting and the first message. */
const CONNECT_SLACK_MS = 3_000;
export interface Load extends AsyncDisposable {
  readonly epochMs: number;
  /** When users begin to connect, when the first message is meant, epoch ms. */
  readonly connectFromMs: number;
  readonly sendFromMs: number;
  /** What its users mean to send when. */
  readonly schedule: Schedule;
  /** Client ledgers that it writes. */
  readonly ledgers: number;
  tell(message: ControlMessage): void;
  /** When its generators may collect their memory. */
  readonly memory: Pick<Collecting, 'putOff' | 'atEase'>;
  /** All shards ended. */
  readonly exited: Promise<void>;
}

export interface LoadOptions {
  readonly run: string;
  readonly runName: string;
  readonly nonce: string;
  readonly plan: Plan;
  readonly population: Population;
  readonly shards: number;
  readonly cluster: Cluster;
  readonly log: EventLog;
  /** See `ShardConfig`. */
  readonly unrecordedSpellMs?: number;
}

/** The control socket's server, on the address that the generators reach the harness at. */
async function openControl(address: string): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: address, port: 0 });
  await new Promise<void>((opened, failed) => {
    server.once('listening', opened);
    server.once('error', failed);
  });
  return server;
}

function portOf(server: WebSocketServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('the control server has no port');
  return address.port;
}

export async function startLoad(options: LoadOptions): Promise<Load> {
  const { plan, cluster, log, shards } = options;
  const control = await openControl(cluster.harnessAddress);
  const epochMs = Date.now();
  const connectFromMs = epochMs + START_UP_MS;
  const connectMs = plan.connectSec * 1_000;
  const sendFromMs = connectFromMs + connectMs + CONNECT_SLACK_MS;
  // Outside the run directory: the tokens are secrets, and a run directory is handed around.
  const inputs = await mkdtemp(join(cluster.stateDirectory, 'load-'));
  const { rates, hot, storm, slow, abuser, roundTripsMs } = shapedLoadOf(plan);
  const schedule = { seed: plan.seed, sendFromMs, intervalMs: plan.intervalSec * 1_000, rates };
  const usual = plan.users - (slow?.users ?? 0);

  const started: LoadShard[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const firstUser = Math.floor((shard * usual) / shards);
    const users = Math.floor(((shard + 1) * usual) / shards) - firstUser;
    const config: ShardConfig = {
      run: options.nonce,
      shard,
      epochMs,
      ...schedule,
      storm,
      abuser,
      roundTripsMs,
      hotShare: hot?.share ?? 0,
      firstUser,
      users,
      allUsers: plan.users,
      virtualUsers: Math.ceil(users / SOCKETS_PER_VIRTUAL_USER),
      connectFromMs,
      connectMs,
      edges: cluster.edges,
      unrecordedSpellMs: options.unrecordedSpellMs ?? 0,
      controlUrl: `ws://${cluster.harnessAddress}:${portOf(control)}`,
    };
    started.push(await startShard(options, config, inputs));
  }

  const slowReaders =
    slow === null
      ? null
      : await startSlowShard(options, { ...schedule, epochMs, connectFromMs }, slow);

  const memory = collectInTurn(started, log);
  const exits = [
    ...started.map(({ shard, exited: exit }) => ({ shard, exit })),
    ...(slowReaders === null ? [] : [{ shard: shards, exit: slowReaders.finished.then(() => 0) }]),
  ];
  const exited = Promise.all(
    exits.map(async ({ shard, exit }) => {
      log.write({ kind: 'shard-exited', shard, exitCode: await exit });
    }),
  ).then(() => undefined);

  return {
    epochMs,
    connectFromMs,
    sendFromMs,
    schedule,
    ledgers: exits.length,
    memory,
    tell(message) {
      slowReaders?.tell(message);
      for (const client of control.clients) client.send(JSON.stringify(message));
    },
    exited,
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      for (const client of control.clients) client.terminate();
      control.close();
      await slowReaders?.[Symbol.asyncDispose]();
      await Promise.all(started.map((shard) => shard.kill()));
      await rm(inputs, { recursive: true, force: true });
    },
  };
}

/** All generators together get half of the machine's memory; three gigabytes each are plenty. */
function heapBytesMax(shards: number): number {
  return Math.floor(Math.min(3 * 2 ** 30, totalmem() / 2 / shards));
}

/** The last users are slow readers; their ledger follows those of the generators. */
async function startSlowShard(
  options: LoadOptions,
  times: Schedule & { readonly epochMs: number; readonly connectFromMs: number },
  slow: Spell & { readonly users: number },
): Promise<SlowReaders> {
  const { plan, cluster, shards } = options;
  const firstUser = plan.users - slow.users;
  const own = { ...times, shard: shards, firstUser, users: slow.users, virtualUsers: 1 };
  return startSlowReaders({
    ...times,
    ledger: await beginLedger(options, own, 0),
    runNonce: options.nonce,
    edges: cluster.edges,
    caFile: cluster.caFile,
    users: plan.users,
    logins: await loginsOf(options, own),
    spell: slow,
  });
}

async function startShard(
  options: LoadOptions,
  config: ShardConfig,
  inputs: string,
): Promise<LoadShard> {
  const { run, plan, cluster, shards } = options;
  const { shard } = config;
  const logins = await loginsOf(options, config);
  const readers = logins.filter(({ user }) => readsHistory(plan.seed, user, plan.users)).length;
  await beginLedger(options, config, readers);
  await writeFile(join(inputs, `shard-${shard}.json`), JSON.stringify(config));
  await writeFile(join(inputs, `logins-${shard}.json`), JSON.stringify(logins), { mode: 0o600 });
  return cluster.startLoadShard({
    shard,
    arguments: [
      '--quiet',
      ...k6Arguments(shard),
      '--summary-mode=disabled',
      '--no-thresholds',
      '--no-usage-report',
      '--log-format=raw',
      '--log-output=stderr',
      `--console-output=/run-directory/${clientLedgerFile(shard)}`,
      '/project/scenarios/users.ts',
    ],
    environment: {
      HOLDFAST_SHARD: `/load/shard-${shard}.json`,
      HOLDFAST_USERS: `/load/logins-${shard}.json`,
      SSL_CERT_FILE: '/cluster-ca.pem',
      // The harness says when (`shard-memory.ts`), and this says how far it may come otherwise.
      GOGC: 'off',
      GOMEMLIMIT: `${heapBytesMax(shards)}B`,
      // Thousands of small wake-ups a second: handing them to a second thread cost half as much again.
      ...SPARING_GO,
      // The edges do not speak the post-quantum exchange, so keys for it are made for nothing.
      GODEBUG: `tlsmlkem=0,${SPARING_GO.GODEBUG}`,
    },
    mounts: [
      { source: resolve(run), target: '/run-directory', readOnly: false },
      { source: inputs, target: '/load', readOnly: true },
      { source: cluster.caFile, target: '/cluster-ca.pem', readOnly: true },
      {
        source: resolve(import.meta.dirname, '../scenarios'),
        target: '/project/scenarios',
        readOnly: true,
      },
      {
        source: resolve(import.meta.dirname, '../reference-server'),
        target: '/project/reference-server',
        readOnly: true,
      },
    ],
  });
}

/** Waits for all shards to have ended by themselves; says which did not. */
export async function awaitShards(load: Load, timeoutMs: number): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs);
  await new Promise<void>((done, failed) => {
    late.addEventListener('abort', () =>
      failed(
        new HoldfastError({
          code: 'load-did-not-end',
          message: `the load generators were told to leave but still ran ${timeoutMs / 1_000} s later`,
          remedy: 'the machine may be overloaded; holdfast doctor; fewer --users',
        }),
      ),
    );
    load.exited.then(done, failed);
  });
}
