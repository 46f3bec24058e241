/** The extrapolation in a few sentences, for every report alike. */
import { formatCount } from '../figures.ts';
import type { Extrapolation, FirstFull, PlaceRole } from './extrapolation.ts';

export const PLACE_WORDS: Readonly<Record<PlaceRole, string>> = {
  edge: 'an edge',
  app: 'an app server',
  primary: 'the primary’s server',
  replica: 'a replica’s server',
};

export function extrapolationWords(extrapolation: Extrapolation): string {
  if (extrapolation.kind === 'not-possible') {
    return `Nine servers of 2 CPUs: not extrapolated, because ${extrapolation.why}.`;
  }
  const { first, firstAfterLoss, fromUsers } = extrapolation;
  if (first === null) {
    return 'Nine servers of 2 CPUs: no cost grew with the users, so nothing can be extrapolated.';
  }
  const lost =
    firstAfterLoss === null
      ? ''
      : ` With one server lost: ${rounded(firstAfterLoss.users)} users (${spanWords(firstAfterLoss)}), then ${PLACE_WORDS[firstAfterLoss.role]}.`;
  return `Nine servers of 2 CPUs, extrapolated from ${fromUsers.map((users) => formatCount(users)).join(', ')} users: ${rounded(first.users)} users (${spanWords(first)} when one of these loads is left out), then ${PLACE_WORDS[first.role]} would be full first.${lost} That is ${formatCount(first.users / (fromUsers.at(-1) ?? 1), 1)} times the largest load it is drawn from, and nobody measured it: see the assumptions in the report.`;
}

/** `from 230 000 to 310 000`: the figure's span. */
export const spanWords = ({ span: { least, most } }: FirstFull): string =>
  most === null ? `from ${rounded(least)} on` : `from ${rounded(least)} to ${rounded(most)}`;

/** Two digits: more would claim a precision that an extrapolation does not have. Rounded down. */
export function rounded(users: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, users))) - 1);
  return formatCount(Math.floor(users / step) * step);
}
