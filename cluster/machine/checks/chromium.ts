/** A browser opens the reports in `*.browser.test.ts`; a run itself needs none. */
import { aptCommands, aptInstall } from '../apt.ts';
import type { Check } from '../check.ts';
import { findProgram } from '../command.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of the browser that the tests use; undefined when there is none. */
export async function findChromium(): Promise<string | undefined> {
  for (const name of NAMES) {
    const path = await findProgram(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

export const chromium: Check = {
  id: 'chromium',
  title: 'Chromium',
  needed: 'browser-tests',
  async probe() {
    const path = await findChromium();
    return path === undefined
      ? {
          kind: 'missing',
          found: `none of ${NAMES.join(', ')} on the PATH`,
          means: 'the browser tests cannot run; runs and reports do not need it',
          mend: aptCommands(['chromium']),
        }
      : { kind: 'ok', found: path, means: 'the browser tests can run', mend: [] };
  },
  mendIt: (log, signal) => aptInstall(['chromium'], log, signal),
};
