/** The usual users, but one message in ten that was due is not sent, and nothing is said of it. */
import { Session } from '../../../scenarios/session.ts';

export { default, options } from '../../../scenarios/users.ts';

const EVERY = 10;
let due = 0;

const send = Session.prototype.send;
Session.prototype.send = function (...message: Parameters<typeof send>) {
  due += 1;
  if (due % EVERY !== 0) send.apply(this, message);
};
