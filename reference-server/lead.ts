/**
 * Which of the servers stores for all of them, so that what their users send
 * within a few milliseconds shares one commit instead of one each. The lead is
 * whoever holds an advisory lock on the primary: who cannot reach the database
 * never leads, a lead that dies loses the lock with its session, and after a
 * failover the first one there takes it on the new primary.
 *
 * Nothing depends on there being one lead and no more: with none each server
 * stores for itself, and two share the work.
 */
import pg from 'pg';
import type { Logger } from 'pino';

/** First half of the lock's key, which tells it from other locks in the database: "chat". */
const LOCK_CLASS = 0x63686174;
const TRY = { name: 'lead', text: 'select pg_try_advisory_lock($1, $2) as mine' };

/** What a server without a lead loses by then is a few commits a second. */
const LOOK_EVERY_MS = 1_000;

export interface LeadOptions {
  readonly url: string;
  /** Of the databases, counted from 0. */
  readonly database: number;
  readonly timeoutMs: number;
  readonly applicationName: string;
  /** This server became the lead, or is it no longer. */
  readonly onChange: (isLead: boolean) => void;
  readonly log: Logger;
}

export interface Lead extends Disposable {
  readonly isLead: boolean;
}

/** Tries to become the lead, and goes on as long as it lives. */
export function seekLead(options: LeadOptions): Lead {
  const { database, log } = options;
  let client: pg.Client | undefined;
  let isLead = false;
  let isLooking = false;
  let isDisposed = false;

  function become(next: boolean): void {
    if (isLead === next) return;
    isLead = next;
    log.info({ database, isLead }, isLead ? 'stores for all servers' : 'stores for itself only');
    options.onChange(isLead);
  }

  /** Its lock goes with its session. */
  function leave(left: pg.Client): void {
    if (client === left) {
      client = undefined;
      become(false);
    }
    left.end().catch(() => undefined);
  }

  async function connect(): Promise<pg.Client> {
    const opened = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: options.timeoutMs,
      query_timeout: options.timeoutMs,
    });
    opened.on('error', () => leave(opened));
    opened.on('end', () => leave(opened));
    await opened.connect();
    return opened;
  }

  async function look(): Promise<void> {
    const looking = (client ??= await connect());
    try {
      if (isLead) {
        await looking.query('select 1');
        return;
      }
      const { rows } = await looking.query<{ mine: boolean }>({
        ...TRY,
        values: [LOCK_CLASS, database],
      });
      if (client === looking) become(rows[0]?.mine ?? false);
    } catch (error) {
      leave(looking);
      throw error;
    }
  }

  async function lookOnce(): Promise<void> {
    if (isLooking || isDisposed) return;
    isLooking = true;
    try {
      await look();
    } catch (error) {
      log.debug({ database, error: String(error) }, 'no way to the primary to look for a lead');
    } finally {
      isLooking = false;
      if (isDisposed && client !== undefined) leave(client);
    }
  }
  void lookOnce();
  const timer = setInterval(() => void lookOnce(), LOOK_EVERY_MS);

  return {
    get isLead() {
      return isLead;
    },
    [Symbol.dispose]() {
      isDisposed = true;
      clearInterval(timer);
      if (client !== undefined) leave(client);
    },
  };
}
