/**
 * After the load: reads what every database node holds into the row ledgers,
 * tries a write on every replica (it has to be refused) and compares clocks.
 *
 * A node that cannot be read is evidence too: it is written down as
 * incomplete, and the judge makes the run inconclusive.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Cluster, Server, ServerId } from '../cluster/cluster.ts';
import { reasonOf } from '../cluster/errors.ts';
import { pollUntil } from '../cluster/await.ts';
import { awaitReplay, CATCH_UP_MS } from './await-replay.ts';
import type { EventLog } from './event-log.ts';
import { rowLedgerEnd, rowLedgerHeader, rowLedgerQuery } from './ledger/row-ledger.ts';
import { inRun, rowLedgerFile } from './run-directory.ts';

/** Reading 1.2 million rows took some seconds. */
const READ_TIMEOUT_MS = 120_000;

async function connect(
  cluster: Cluster,
  server: Server,
  options: { readonly query_timeout?: number } = { query_timeout: READ_TIMEOUT_MS },
): Promise<pg.Client & AsyncDisposable> {
  const { user, password, database, port } = cluster.secrets.database;
  const client = new pg.Client({
    host: server.address,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 5_000,
    ...options,
  });
  // A connection that dies is reported by the query that runs on it.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** Counts the lines that pass through. */
function countLines(counted: (lines: number) => void): Transform {
  let lines = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
      done(null, chunk);
    },
    flush(done) {
      counted(lines);
      done();
    },
  });
}

async function readRows(
  cluster: Cluster,
  server: Server,
  run: string,
  runName: string,
): Promise<number> {
  // pg never clears the timer of a COPY's `query_timeout`: the command would end two minutes late.
  await using client = await connect(cluster, server, {});
  const file = createWriteStream(inRun(run, rowLedgerFile(server.id)), { flags: 'w' });
  file.write(rowLedgerHeader(runName, server.id));
  let rows = 0;
  const count = countLines((lines) => (rows = lines));
  await pipeline(client.query(copyTo(rowLedgerQuery)), count, file, {
    end: false,
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
  });
  file.end(rowLedgerEnd(rows));
  await once(file, 'finish');
  return rows;
}

async function tryWrite(
  cluster: Cluster,
  server: Server,
): Promise<{ refused: boolean; detail: string }> {
  await using client = await connect(cluster, server);
  try {
    // Undone where it is taken all the same: the rows are evidence.
    await client.query('BEGIN; INSERT INTO channels (id, head) VALUES (-1, 0); ROLLBACK');
    return { refused: false, detail: 'an insert was taken' };
  } catch (error) {
    // 25006: cannot execute INSERT in a read-only transaction.
    if (error instanceof pg.DatabaseError && error.code === '25006')
      return { refused: true, detail: error.message };
    throw error;
  }
}

/** Offset of a server's clock, by the request that came back fastest. */
async function compareClock(
  cluster: Cluster,
  server: Server,
): Promise<{ offsetMs: number; uncertaintyMs: number }> {
  await using client = await connect(cluster, server);
  let best = { offsetMs: 0, uncertaintyMs: Infinity };
  for (let round = 0; round < 5; round++) {
    const before = Date.now();
    const began = performance.now();
    const { rows } = await client.query<{ now: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
    );
    const tookMs = performance.now() - began;
    const theirs = rows[0]?.now;
    if (theirs !== undefined && tookMs / 2 < best.uncertaintyMs) {
      best = {
        offsetMs: Math.round(theirs - (before + tookMs / 2)),
        uncertaintyMs: Math.ceil(tookMs / 2) + 1,
      };
    }
  }
  return best;
}

/**
 * Each database's, as far as known. Asked until one says so: on a busy machine a member may miss its
 * turn, and is no replica for that.
 */
async function awaitPrimaries(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ServerId>> {
  let primaries = new Map<number, ServerId>();
  await pollUntil(
    async () => {
      const members = await cluster.members(2_000);
      const found = members.filter(({ role }) => role === 'primary');
      primaries = new Map(found.map(({ database, server }) => [database, server]));
      return { met: primaries.size === cluster.databases, seen: '' };
    },
    { timeoutMs: CATCH_UP_MS, everyMs: 500, signal },
  );
  return primaries;
}

export async function compareClocks(cluster: Cluster, log: EventLog): Promise<void> {
  for (const server of cluster.servers.filter(({ role }) => role === 'db')) {
    try {
      log.write({ kind: 'clock', server: server.id, ...(await compareClock(cluster, server)) });
    } catch (error) {
      log.write({ kind: 'note', text: `clock of ${server.id} not read: ${reasonOf(error)}` });
    }
  }
}

export async function collectRows(
  cluster: Cluster,
  run: string,
  runName: string,
  log: EventLog,
  signal: AbortSignal,
): Promise<void> {
  log.write({ kind: 'note', text: `before reading rows: ${await awaitReplay(cluster, signal)}` });
  const primaries = await awaitPrimaries(cluster, signal);
  if (primaries.size < cluster.databases)
    log.write({ kind: 'note', text: 'writes not tried where no primary is known' });
  for (const server of cluster.servers.filter(({ role }) => role === 'db')) {
    const node = server.id;
    try {
      const rows = await readRows(cluster, server, run, runName);
      log.write({ kind: 'rows-read', node, rows, complete: true, detail: '' });
    } catch (error) {
      log.write({ kind: 'rows-read', node, rows: 0, complete: false, detail: reasonOf(error) });
    }
    // Without knowing the primary, nobody is known to be a replica.
    const primary = primaries.get(server.database ?? 0);
    if (primary === undefined || node === primary) continue;
    try {
      log.write({ kind: 'replica-write', node, ...(await tryWrite(cluster, server)) });
    } catch (error) {
      log.write({ kind: 'note', text: `write on ${node} not tried: ${reasonOf(error)}` });
    }
  }
}
