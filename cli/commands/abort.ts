/**
 * `holdfast abort`: the emergency stop, from another terminal. Every run of
 * this user's on this machine heals all it broke, at once, and ends; its
 * verdict is inconclusive and says who ended it.
 */
import { userInfo } from 'node:os';
import type { CommandModule } from 'yargs';
import { HoldfastError } from '../../cluster/errors.ts';
import { EXIT_CODES } from '../../reports/verdict.ts';
import { abortRuns, type Aborted } from '../abort-channel.ts';
import { printJson, printResult } from '../output.ts';

/** Everything is healed within 10 s; a busy machine may take three times as long. */
const ANSWER_TIMEOUT_MS = 30_000;

export const abort: CommandModule<object, { json: boolean }> = {
  command: 'abort',
  describe: 'end the run that goes on, with everything healed',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 abort', 'from another terminal'),
  async handler({ json }) {
    const by = `${userInfo().username} with holdfast abort (process ${process.pid})`;
    const runs = await abortRuns(by, ANSWER_TIMEOUT_MS);
    if (json) printJson({ runs });
    else for (const aborted of runs) printResult(wordsOf(aborted));
    const stuck = runs.filter(({ kind }) => kind === 'no-answer');
    if (runs.length === 0) {
      throw new HoldfastError({
        code: 'no-run-going-on',
        message: 'no run goes on here',
        remedy: 'holdfast cluster status shows what is up; holdfast cluster down removes it',
        exitCode: EXIT_CODES.usage,
      });
    }
    if (stuck.length === 0) return;
    throw new HoldfastError({
      code: 'abort-unanswered',
      message: `waited ${ANSWER_TIMEOUT_MS / 1_000} s for ${stuck.map(({ pid }) => `process ${pid}`).join(', ')} to heal what it broke; last seen: it accepts connections and does not say so`,
      remedy: `kill -9 ${stuck.map(({ pid }) => pid).join(' ')}: its watchdog then heals in its stead`,
    });
  },
};

function wordsOf(aborted: Aborted): string {
  const run = aborted.run === '' ? '' : `, ${aborted.run}`;
  switch (aborted.kind) {
    case 'healed':
      return `run of process ${aborted.pid}${run}: ended, healed after ${(aborted.tookMs / 1_000).toFixed(1)} s`;
    case 'no-answer':
      return `run of process ${aborted.pid}${run}: no answer`;
  }
}
