/**
 * A program that a fault leaves running in a container: in the background, so
 * that the strike is over at once, under a name that bears our mark, and ended
 * by itself soon after the longest hold, should nobody be left to end it.
 */
import { type Cluster, FAULT_MARK } from '../../cluster/cluster.ts';
import { HOLD_SEC_MAX } from './fault.ts';
import { undoInside } from './processes.ts';

/** After the longest hold, with time for its heal. */
export const ENDS_BY_ITSELF_SEC = HOLD_SEC_MAX + 60;

/** A command that starts another in the background and is over at once. */
export const inBackground = (command: readonly string[]): readonly string[] => [
  'bash',
  '-c',
  `setsid timeout ${ENDS_BY_ITSELF_SEC} "$@" >/dev/null 2>&1 </dev/null &`,
  FAULT_MARK,
  ...command,
];

/** Ends what bears the mark in the container; harmless when nothing does. */
export const endMarked = (cluster: Cluster, process: string): Promise<void> =>
  undoInside(cluster, process, ['pkill', '-9', '-f', FAULT_MARK]);
