/** The usual users, by a clock that is two seconds ahead of everybody else's. */
const AHEAD_MS = 2_000;
const honest = Date.now;
Date.now = () => honest() + AHEAD_MS;

export { default, options } from '../../../scenarios/users.ts';
