/**
 * Tries a network command in a network namespace that exists for that command only, so nothing of
 * the host's own network is touched. It takes root, as network namespaces do.
 */
import type { Finding } from '../check.ts';
import { findProgram, runCommand, type CommandOutcome } from '../command.ts';

export type NamespaceTrial =
  | { readonly kind: 'ran'; readonly outcome: CommandOutcome }
  | { readonly kind: 'untried'; readonly reason: string };

export async function tryInNamespace(
  program: string,
  script: string,
  signal: AbortSignal,
): Promise<NamespaceTrial> {
  if (process.platform !== 'linux') return { kind: 'untried', reason: 'this is not Linux' };
  if (process.getuid?.() !== 0) return { kind: 'untried', reason: 'trying it takes root' };
  if ((await findProgram(program)) === undefined) {
    return { kind: 'untried', reason: `\`${program}\` is not installed here` };
  }
  const outcome = await runCommand('unshare', ['--net', 'sh', '-c', script], {
    signal,
    timeoutMs: 5_000,
  });
  return { kind: 'ran', outcome };
}

export const bites = (trial: NamespaceTrial): boolean =>
  trial.kind === 'ran' && trial.outcome.kind === 'ended' && trial.outcome.exitCode === 0;

export const untried = (reason: string, mend: readonly string[]): Finding => ({
  kind: 'limited',
  found: `not known: ${reason}`,
  means: 'the containers bring their own tools; whether the kernel obeys shows in a run',
  mend,
});
