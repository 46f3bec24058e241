/**
 * netem delays packets on a link. Faults use it where the kernel has it; where it has not, delay
 * goes through a proxy on the link, while loss, cuts and bandwidth work all the same.
 */
import { aptInstall } from '../apt.ts';
import type { Check } from '../check.ts';
import { lastLines } from '../command.ts';
import { bites, tryInNamespace, untried } from './namespace-probe.ts';

export const netem: Check = {
  id: 'netem',
  title: 'Delay on a link (netem)',
  needed: 'optional',
  async probe(signal) {
    const trial = await tryInNamespace('tc', 'tc qdisc add dev lo root netem delay 1ms', signal);
    if (trial.kind !== 'ran') return untried(trial, ['iproute2']);
    if (bites(trial)) {
      return {
        kind: 'ok',
        found: 'the kernel delays packets',
        means: 'delay is put on any link directly',
        mend: [],
      };
    }
    return {
      kind: 'limited',
      found: `not in this kernel (${lastLines(trial.outcome, 1)})`,
      means: 'delay goes through a proxy on the link; cuts, loss and bandwidth do not need netem',
      mend: [],
    };
  },
  mendIt: (log, signal) => aptInstall(['iproute2'], log, signal),
};
