/**
 * What runs beside Patroni on a database server, as text: what starts it, what
 * kills it when it hangs, and what stops PostgreSQL for it in good order.
 */
import { ports } from '../ports.ts';
import { CONFIG_DIRECTORY } from './process-spec.ts';

/** The script that starts Patroni, and starts it again when it died. */
export const PATRONI_SUPERVISOR = 'supervise.sh';
const LIVENESS_WATCH = 'liveness.sh';
export const STOP_AT_ONCE = 'stop-at-once.sh';

/**
 * Patroni as a service manager runs it: it comes back a second after it died, and PostgreSQL, which
 * it started, outlives it. As the container's first program it would take PostgreSQL with it.
 */
const superviseScript = `#!/bin/sh
trap 'kill -TERM "$patroni" && wait "$patroni"; exit' TERM
bash ${CONFIG_DIRECTORY}/${LIVENESS_WATCH} &
while :; do
  patroni ${CONFIG_DIRECTORY}/patroni.yml &
  patroni=$!
  wait "$patroni"
  sleep 1
done
`;

/**
 * The same manager's liveness check. What hangs is worse than what is dead: Patroni gives the lease
 * of a dead PostgreSQL up at once, and that of one that hangs after 20 s; a Patroni that hangs
 * itself leaves a primary that no router trusts. So who answers nothing, three times in a row, is
 * killed, and the ordinary way of a crash begins. A port that refuses is not judged: there is
 * nobody to kill, or it is just being started. PostgreSQL is asked whether it speaks TLS, which it
 * answers before any login, also while it recovers; Patroni whether it lives. A question costs one
 * process and some 1 ms of CPU. From the moment something hangs it takes 3 to 4 s to be killed, so
 * that with the failover after it the answer still comes within the 5 s of the objective.
 */
const livenessScript = `#!/bin/bash
silent() { # port, question
  IFS= read -r -t 0.8 -N 1 < <(
    exec 2> /dev/null 3<>"/dev/tcp/127.0.0.1/$1" && printf "$2" >&3 && IFS= read -r -N 1 <&3 && printf .
  ) 2> /dev/null
  local status=$?
  kill $! 2> /dev/null
  [ $status -gt 128 ]
}
hangs() { # port, question
  silent "$@" && sleep 0.3 && silent "$@" && sleep 0.3 && silent "$@"
}
while sleep 1; do
  if hangs ${ports.postgres} '\\0\\0\\0\\10\\4\\322\\26\\57'; then
    echo 'liveness: PostgreSQL answered none of three questions within 0.8 s: killed' >&2
    pkill -9 -x postgres
  elif hangs ${ports.patroni} 'GET /liveness HTTP/1.0\\r\\n\\r\\n'; then
    echo 'liveness: Patroni answered none of three questions within 0.8 s: killed' >&2
    pkill -9 -x patroni
  fi
done
`;

/**
 * Patroni calls it right before it stops PostgreSQL. Having sent the signal, Patroni looks whether
 * it has stopped, sleeps a second, and looks again; all that time nobody writes, though stopping
 * takes some 100 ms. This sends the same signal (fast: everything that connected replicas lack is
 * sent to them first) and looks every 20 ms, so that Patroni finds it stopped. What takes longer
 * than a second is left to Patroni, and so is whoever does not hold the lease: he may be told to
 * stop less gently.
 */
const stopAtOnceScript = `#!/bin/sh
curl -sf -o /dev/null --max-time 0.5 http://127.0.0.1:${ports.patroni}/leader || exit 0
read -r postmaster < "$PGDATA/postmaster.pid" && kill -INT "$postmaster" || exit 0
looks=0
while [ $looks -lt 50 ] && kill -0 "$postmaster" 2> /dev/null; do
  sleep 0.02
  looks=$((looks + 1))
done
`;

/** By file name. */
export const PATRONI_SCRIPTS: Readonly<Record<string, string>> = {
  [PATRONI_SUPERVISOR]: superviseScript,
  [LIVENESS_WATCH]: livenessScript,
  [STOP_AT_ONCE]: stopAtOnceScript,
};
