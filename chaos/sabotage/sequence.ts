/**
 * In which order sabotages and controls are run: each after a control in the
 * same circumstances, those of the same circumstances together, and the calm
 * control again after every few.
 */
import { calm } from './circumstances.ts';
import type { Circumstances, Sabotage } from './sabotage.ts';

/** A cluster that a sabotage has harmed for good is noticed this soon. */
const SABOTAGES_BETWEEN_CONTROLS = 8;

export type Turn =
  | { readonly kind: 'control'; readonly circumstances: Circumstances }
  | { readonly kind: 'sabotage'; readonly sabotage: Sabotage };

export function turnsOf(sabotages: readonly Sabotage[]): readonly Turn[] {
  const groups = Map.groupBy(sabotages, ({ circumstances }) => circumstances.name);
  const turns: Turn[] = [];
  let sinceControl = 0;
  for (const group of groups.values()) {
    for (const [place, sabotage] of group.entries()) {
      if (place === 0) turns.push({ kind: 'control', circumstances: sabotage.circumstances });
      else if (sinceControl === SABOTAGES_BETWEEN_CONTROLS) {
        turns.push({ kind: 'control', circumstances: calm });
      }
      if (turns.at(-1)?.kind === 'control') sinceControl = 0;
      turns.push({ kind: 'sabotage', sabotage });
      sinceControl++;
    }
  }
  if (sabotages.length > 1) turns.push({ kind: 'control', circumstances: calm });
  return turns;
}
