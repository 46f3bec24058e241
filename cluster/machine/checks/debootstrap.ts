/**
 * debootstrap makes the base image where no image registry answers. Whether one does shows when the
 * image is made; the package is small, so set-up brings it in any case where it may.
 */
import { aptCommands, aptInstall } from '../apt.ts';
import type { Check } from '../check.ts';
import { findProgram } from '../command.ts';

export const debootstrap: Check = {
  id: 'debootstrap',
  title: 'debootstrap',
  needed: 'always',
  async probe() {
    const path = await findProgram('debootstrap');
    return path === undefined
      ? {
          kind: 'limited',
          found: 'not installed',
          means: 'the base image can only be pulled from a registry, not made here',
          mend: aptCommands(['debootstrap']),
        }
      : {
          kind: 'ok',
          found: path,
          means: 'the base image can be made without a registry',
          mend: [],
        };
  },
  mendIt: (log, signal) => aptInstall(['debootstrap'], log, signal),
};
