/**
 * The command `holdfast`. Exit codes: 0 pass, 1 fail, 2 inconclusive, 64 bad
 * usage or config, 70 the machine or the harness itself.
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { HoldfastError } from '../cluster/errors.ts';
import { EXIT_CODES } from '../reports/verdict.ts';
import { campaign } from './commands/campaign.ts';
import { check } from './commands/check.ts';
import { claims } from './commands/claims.ts';
import { cluster } from './commands/cluster.ts';
import { doctor } from './commands/doctor.ts';
import { faults } from './commands/faults.ts';
import { gate } from './commands/gate.ts';
import { report } from './commands/report.ts';
import { selftest } from './commands/selftest.ts';
import { setup } from './commands/setup.ts';
import { Interrupted } from './interrupt.ts';
import { say } from './output.ts';

/** One clear line, the remedy, and the exit code. */
function fail(error: unknown): void {
  if (error instanceof HoldfastError) {
    say(`holdfast: ${error.message}`);
    say(error.remedy);
    process.exitCode = error.exitCode;
  } else if (error instanceof Interrupted) {
    say(`holdfast: ${error.message}; nothing was left behind`);
    process.exitCode = EXIT_CODES.inconclusive;
  } else {
    say(`holdfast: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    say('this is a fault of holdfast itself; please report it with the lines above');
    process.exitCode = EXIT_CODES.internal;
  }
}

const parser = yargs(hideBin(process.argv))
  .scriptName('holdfast')
  .usage(
    '$0 <command>\n\nUnder this load, with these things breaking: was anything lost, was it there?',
  )
  .command(gate)
  .command(campaign)
  .command(check)
  .command(report)
  .command(selftest)
  .command(cluster)
  .command(faults)
  .command(claims)
  .command(doctor)
  .command(setup)
  .demandCommand(1, 'Which command?')
  .strict()
  .recommendCommands()
  .wrap(80)
  .alias('help', 'h')
  .epilogue('exit codes: 0 pass, 1 fail, 2 inconclusive, 64 bad usage, 70 internal')
  .fail((message, error) => {
    // yargs calls this for its own complaints (a message) and for what a command threw (an error).
    if (error !== undefined && error !== null) throw error;
    throw new HoldfastError({ code: 'usage', message, remedy: 'holdfast --help', exitCode: 64 });
  });

try {
  await parser.parseAsync();
} catch (error) {
  fail(error);
}
