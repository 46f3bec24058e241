/**
 * nftables cuts links: a cut server drops what comes and goes, with its processes alive. Without it
 * the faults that cut a link cannot bite.
 */
import { aptInstall } from '../apt.ts';
import type { Check } from '../check.ts';
import { lastLines } from '../command.ts';
import { bites, tryInNamespace, untried } from './namespace-probe.ts';

/** The kind of rule the faults use: drop with a counter, which is the proof that it bit. */
const RULE =
  'nft add table inet holdfast_probe && ' +
  "nft 'add chain inet holdfast_probe input { type filter hook input priority 0 ; }' && " +
  'nft add rule inet holdfast_probe input ip saddr 192.0.2.1 counter drop';

export const nftables: Check = {
  id: 'nftables',
  title: 'Cutting a link (nftables)',
  needed: 'always',
  async probe(signal) {
    const trial = await tryInNamespace('nft', RULE, signal);
    if (trial.kind !== 'ran') return untried(trial, ['nftables']);
    if (bites(trial)) {
      return {
        kind: 'ok',
        found: 'the kernel takes rules in a network namespace',
        means: 'links can be cut',
        mend: [],
      };
    }
    return {
      kind: 'limited',
      found: `refused by this kernel (${lastLines(trial.outcome, 3)})`,
      means: 'faults that cut a link will not bite, and a run with one ends inconclusive',
      mend: [],
    };
  },
  mendIt: (log, signal) => aptInstall(['nftables'], log, signal),
};
