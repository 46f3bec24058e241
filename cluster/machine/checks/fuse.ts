/** FUSE carries the encrypted data directories (gocryptfs) where there is no device mapper. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Check } from '../check.ts';

export const fuse: Check = {
  id: 'fuse',
  title: 'FUSE',
  needed: 'optional',
  async probe() {
    const isThere = await access('/dev/fuse', constants.F_OK).then(
      () => true,
      () => false,
    );
    return isThere
      ? {
          kind: 'ok',
          found: '/dev/fuse',
          means: 'data could be encrypted at rest; nothing does it yet',
          mend: [],
        }
      : {
          kind: 'limited',
          found: 'no /dev/fuse',
          means: 'encryption at rest (C41) cannot be tested and is reported as not tested',
          mend: ['sudo modprobe fuse'],
        };
  },
};
