/**
 * Ctrl-C and its kin. The first asks everything to heal and leave; the second
 * leaves at once and says what may be left behind.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

export function onInterrupt(say: (line: string) => void): Interrupt {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      say(
        'left at once: the watchdog heals what was broken; containers and networks are left behind',
      );
      say('./holdfast cluster down --all removes everything of ours; so does the next start');
      process.exit(2);
    }
    say(`${name}: healing all faults and leaving; once more to leave at once`);
    controller.abort(new Interrupted(`interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, interrupt);
    },
  };
}
