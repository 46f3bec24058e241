/**
 * What a component needs to run, without a word on who runs it: an image, a
 * command, files, and whether its data must outlive it. A component is a pure
 * function from the topology to this; a backend turns it into a container.
 */
import type { Server } from '../cluster.ts';
import type { ImageRole } from '../images/image-roles.ts';
import type { Secrets } from '../secrets.ts';
import type { Topology } from '../topology.ts';

export interface ProcessContext {
  readonly topology: Topology;
  readonly secrets: Secrets;
  /** The server it runs on. */
  readonly server: Server;
  /** Its name on that server: `patroni`, `balancer-2`. */
  readonly name: string;
  /** What the edges alone know. */
  readonly edge: EdgeSecrets;
}

export interface EdgeSecrets {
  /** Certificate chain and key, PEM. */
  readonly certificate: string;
  /** Keys of the sessions that users may resume, on whichever edge: base64, one a line. */
  readonly ticketKeys: string;
}

/** For whatever is no edge. */
export const NO_EDGE: EdgeSecrets = { certificate: '', ticketKeys: '' };

export interface ProcessSpec {
  readonly image: ImageRole;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** File name → contents; they appear, read-only, in `CONFIG_DIRECTORY`. */
  readonly files: Readonly<Record<string, string>>;
  /** It keeps data in `DATA_DIRECTORY` that a killed server finds again. */
  readonly hasData: boolean;
  /** A first process that does nothing but reap, for a command that leaves orphans. */
  readonly hasInit?: boolean;
  /** Size of /dev/shm where the usual 64 MB are too little. */
  readonly sharedMemoryBytes?: number;
}

/**
 * Before a command: as a batch process, which does not interrupt who runs when something arrives
 * for it. Thousands of sockets wake a generator or a balancer thousands of times a second; waiting
 * its turn a generator took a seventh less CPU, and what it measures is not put off by it.
 */
export const AS_BATCH = ['chrt', '--batch', '0'] as const;

/**
 * The environment of a program in Go that wakes hundreds of times a second. One thread: two cores are
 * shared by all nine servers, and a second would mostly wake the first. And its runtime has a watcher,
 * which is woken with it and then looks every 20 us whether something hangs: a fifth of what a generator
 * cost. While it expects to print a trace (here: when the machine has been up for 25 days, one line) it
 * keeps to a look every 10 ms. So long a call that blocks on the disk may keep the others waiting.
 */
export const SPARING_GO = { GOMAXPROCS: '1', GODEBUG: 'schedtrace=2147483647' } as const;

export const CONFIG_DIRECTORY = '/etc/holdfast';
export const DATA_DIRECTORY = '/var/lib/holdfast';
