/**
 * The command `holdfast`. Exit codes: 0 pass, 1 fail, 2 inconclusive, 64 bad
 * usage or config, 70 the machine or the harness itself.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import yargs, { type CommandModule } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { failuresOf, HoldfastError, reasonOf } from '../cluster/errors.ts';
import { cacheDirectory } from '../cluster/machine/cache.ts';
import { EXIT_CODES } from '../reports/verdict.ts';
import { Interrupted } from '../cluster/interrupt.ts';
import { say, sayWrapped } from './output.ts';

// What was compiled once is not compiled again, until it changes; where nothing can be kept, it is.
enableCompileCache(join(cacheDirectory(), 'compiled'));

/** Loaded when asked for: what a gate needs takes longer to load than a small run to judge. */
const COMMANDS = {
  gate: async () => (await import('./commands/gate.ts')).gate,
  abort: async () => (await import('./commands/abort.ts')).abort,
  campaign: async () => (await import('./commands/campaign.ts')).campaign,
  capacity: async () => (await import('./commands/capacity.ts')).capacity,
  check: async () => (await import('./commands/check.ts')).check,
  report: async () => (await import('./commands/report.ts')).report,
  selftest: async () => (await import('./commands/selftest.ts')).selftest,
  cluster: async () => (await import('./commands/cluster.ts')).cluster,
  faults: async () => (await import('./commands/faults.ts')).faults,
  claims: async () => (await import('./commands/claims.ts')).claims,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  setup: async () => (await import('./commands/setup.ts')).setup,
} as const;

const words = hideBin(process.argv);

/** The command that is asked for; all of them for the help, and for a word that is none. */
async function commandsFor(): Promise<readonly CommandModule[]> {
  const [word = ''] = words;
  const loaders =
    word in COMMANDS ? [COMMANDS[word as keyof typeof COMMANDS]] : Object.values(COMMANDS);
  return Promise.all(loaders.map(async (load) => (await load()) as CommandModule));
}

/** One clear line, the remedy, and the exit code, by what went wrong first. */
function fail(failure: unknown): void {
  const [error, ...later] = failuresOf(failure);
  if (error instanceof HoldfastError) {
    sayWrapped(`holdfast: ${error.message}`);
    sayWrapped(error.remedy);
    process.exitCode = error.exitCode;
  } else if (error instanceof Interrupted) {
    const left = later.length === 0 ? 'nothing was left behind' : 'something may be left behind';
    sayWrapped(`holdfast: ${error.message}; ${left}`);
    process.exitCode = EXIT_CODES.inconclusive;
  } else {
    say(`holdfast: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    say('this is a fault of holdfast itself; please report it with the lines above');
    process.exitCode = EXIT_CODES.internal;
  }
  for (const also of later) sayWrapped(`then, while clearing up: ${reasonOf(also)}`);
}

// Node would end with 1 for what nobody caught, and 1 is a verdict.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit(EXIT_CODES.internal);
});
// Whoever read the output may have seen enough; what was asked for is done all the same.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const parser = yargs(words)
  .scriptName('holdfast')
  .usage(
    '$0 <command>\n\nUnder this load, with these things breaking: was anything lost, was it there?',
  )
  .command([...(await commandsFor())])
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
