/**
 * What a fault would do to a cluster, without doing it: its target is found
 * and everything looked up on the real cluster, then it strikes and heals a
 * cluster on which every deed is written down instead of done. Possible
 * because faults act through the `Cluster` only, in the strike and the heal
 * and nowhere else.
 *
 * Limit: a deed that depends on what an earlier one changed (a rolling restart
 * that waits for the first server) is shown up to that point.
 */
import type { Cluster, Moment } from '../../cluster/cluster.ts';
import type { Fault, FaultContext, Planned } from './fault.ts';
import { type Legality, legalNow } from './legality.ts';
import { untimed } from './strike.ts';

export interface Rehearsal {
  readonly legality: Legality;
  readonly target: string;
  /** In order, as they would be done. */
  readonly strikes: readonly string[];
  readonly heals: readonly string[];
}

/** A shell could read it: words with spaces in quotes. */
const commandLine = (words: readonly string[]): string =>
  untimed(words)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))
    .join(' ');

export async function rehearse(
  fault: Fault,
  context: FaultContext,
  planned: Planned,
): Promise<Rehearsal> {
  const deeds: string[] = [];
  const cluster = createRehearsalCluster(context.cluster, (deed) => deeds.push(deed));
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const legality = await legalNow(fault, context);
  const target = await fault.target(context, planned);
  const strike = await fault.prepare({ cluster, signal }, target, planned);
  cluster.pretend();
  const active = await strike();
  const strikes = deeds.splice(0);
  // What goes on in the background would wait for what never happens.
  stop.abort(new Error('only a rehearsal'));
  // A heal that waits for its effect is cut short: there is none.
  await active.heal().catch(() => undefined);
  context.signal.throwIfAborted();
  return { legality, target, strikes, heals: deeds };
}

interface RehearsalCluster extends Cluster {
  /** From now on nothing is done any more. */
  pretend(): void;
}

function createRehearsalCluster(real: Cluster, note: (deed: string) => void): RehearsalCluster {
  let isPretending = false;
  const now = (): Moment => ({ fromMs: Date.now(), toMs: Date.now() });
  const deed = <T>(what: string, pretended: T, doIt: () => Promise<T>): Promise<T> => {
    if (!isPretending) return doIt();
    note(what);
    return Promise.resolve(pretended);
  };
  const done = { exitCode: 0, stdout: '', stderr: '' };
  return {
    ...real,
    pretend: () => {
      isPretending = true;
    },
    execOnServer: (server, command) =>
      deed(`on ${server}: ${commandLine(command)}`, done, () => real.execOnServer(server, command)),
    execInProcess: (process, command) =>
      deed(`in ${process}: ${commandLine(command)}`, done, () =>
        real.execInProcess(process, command),
      ),
    signalProcess: (process, signal) =>
      deed(`send ${signal} to ${process}`, undefined, () => real.signalProcess(process, signal)),
    killProcesses: (processes) =>
      deed(`kill ${processes.join(', ')}`, now(), () => real.killProcesses(processes)),
    startProcess: (process) =>
      deed(`start ${process}`, undefined, () => real.startProcess(process)),
    limitProcess: (process, limits) =>
      deed(`limit ${process}: ${JSON.stringify(limits)}`, undefined, () =>
        real.limitProcess(process, limits),
      ),
    killServer: (server) => deed(`power off ${server}`, now(), () => real.killServer(server)),
    startServer: (server) => deed(`power on ${server}`, undefined, () => real.startServer(server)),
    restore: () => deed('restore everything', undefined, () => real.restore()),
    // It is somebody else's.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
