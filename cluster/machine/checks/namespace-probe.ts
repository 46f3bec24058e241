/**
 * Tries a command in a namespace that exists for that command only, so nothing of the host's own
 * network, or of its mounts, is touched. It takes root, as such namespaces do.
 */
import { aptCommands } from '../apt.ts';
import type { Finding } from '../check.ts';
import { findProgram, runCommand, type CommandOutcome } from '../command.ts';

export type NamespaceTrial =
  | { readonly kind: 'ran'; readonly outcome: CommandOutcome }
  | { readonly kind: 'not-installed'; readonly program: string }
  | { readonly kind: 'untried'; readonly reason: string };

export async function tryInNamespace(
  program: string,
  script: string,
  signal: AbortSignal,
  namespace: 'net' | 'mount' = 'net',
): Promise<NamespaceTrial> {
  if (process.platform !== 'linux') return { kind: 'untried', reason: 'this is not Linux' };
  if (process.getuid?.() !== 0) return { kind: 'untried', reason: 'trying it takes root' };
  if ((await findProgram(program)) === undefined) {
    return { kind: 'not-installed', program };
  }
  const outcome = await runCommand('unshare', [`--${namespace}`, 'sh', '-c', script], {
    signal,
    timeoutMs: 5_000,
  });
  return { kind: 'ran', outcome };
}

export const bites = (trial: NamespaceTrial): boolean =>
  trial.kind === 'ran' && trial.outcome.kind === 'ended' && trial.outcome.exitCode === 0;

/** What is known when the trial did not run; `packages` hold the program where it is missing. */
export const untried = (
  trial: Exclude<NamespaceTrial, { kind: 'ran' }>,
  packages: readonly string[],
): Finding => ({
  kind: 'limited',
  found: `not known: ${trial.kind === 'untried' ? trial.reason : `\`${trial.program}\` is not installed here`}`,
  means: 'the containers bring their own tools; whether the kernel obeys shows in a run',
  mend: trial.kind === 'untried' ? [] : aptCommands(packages),
});
