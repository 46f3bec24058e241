/**
 * In which order sabotages and controls are run: each after a control in the
 * same circumstances, those of the same circumstances together, and the calm
 * control again after every few. Spread over clusters, those of the same
 * circumstances stay together, so that none is judged by another's control.
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

/** Fewer than this are sooner done one after the other than a second cluster is up. */
const SABOTAGES_A_LANE_MIN = 6;

/** The sabotages for each of at most so many clusters, with about as many turns on each. */
export function lanesOf(
  sabotages: readonly Sabotage[],
  lanesMax: number,
): readonly (readonly Sabotage[])[] {
  const length = Math.floor(sabotages.length / SABOTAGES_A_LANE_MIN);
  const lanes = Array.from(
    { length: Math.max(1, Math.min(lanesMax, length)) },
    (): Sabotage[] => [],
  );
  const give = (group: readonly Sabotage[]): void => {
    const byTurns = lanes.toSorted((a, b) => turnsOf(a).length - turnsOf(b).length);
    byTurns[0]?.push(...group);
  };
  const isCalm = ({ circumstances }: Sabotage): boolean => circumstances === calm;
  const special = sabotages.filter((sabotage) => !isCalm(sabotage));
  const groups = [...Map.groupBy(special, ({ circumstances }) => circumstances.name).values()];
  for (const group of groups.toSorted((a, b) => b.length - a.length)) give(group);
  // Every cluster has the calm control in any case.
  for (const sabotage of sabotages.filter(isCalm)) give([sabotage]);
  return lanes;
}
