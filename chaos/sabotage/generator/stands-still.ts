/** The usual users, on an event loop that is busy with something else for longer than it may be. */
import virtualUser, { options } from '../../../scenarios/users.ts';

export { options };

const EVERY_MS = 4_000;
const STOPPED_MS = 1_500;

export default function standsStill(): void {
  virtualUser();
  const timer = setInterval(() => {
    const untilMs = Date.now() + STOPPED_MS;
    while (Date.now() < untilMs);
  }, EVERY_MS);
  // Longer than any run of a selftest; then the load's own end ends it.
  setTimeout(() => clearInterval(timer), 60_000);
}
