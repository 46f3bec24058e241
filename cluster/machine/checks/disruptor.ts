/**
 * xk6-disruptor breaks Kubernetes pods from inside a k6 script. Its makers archived it, and its
 * last release goes with k6 1; where a k6 carries it, it is used, and otherwise it is not missed.
 */
import type { Check } from '../check.ts';
import { findK6 } from '../k6.ts';

export const disruptor: Check = {
  id: 'xk6-disruptor',
  title: 'xk6-disruptor',
  needed: 'optional',
  async probe(signal) {
    const k6 = await findK6(signal).catch(() => undefined);
    if (k6?.banner.includes('k6/x/disruptor') === true) {
      return {
        kind: 'ok',
        found: `k6/x/disruptor in ${k6.path}`,
        means: 'faults inside Kubernetes pods can be made from a script',
        mend: [],
      };
    }
    return {
      kind: 'limited',
      found: k6 === undefined ? 'no k6 to look into yet' : `not in ${k6.path}`,
      means: 'nothing misses it: the faults here are Holdfast’s own',
      mend: [],
    };
  },
};
