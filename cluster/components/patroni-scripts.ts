/**
 * What runs beside Patroni on a database server, as text: what starts it, what
 * kills it when it hangs, and what stops PostgreSQL for it in good order.
 */
import { ports } from '../ports.ts';
import { CONFIG_DIRECTORY } from './process-spec.ts';

/** The script that starts Patroni, and starts it again when it died. */
export const PATRONI_SUPERVISOR = 'supervise.sh';
const LIVENESS_WATCH = 'liveness.py';
export const STOP_AT_ONCE = 'stop-at-once.sh';

/**
 * Patroni as a service manager runs it: it comes back a second after it died, and PostgreSQL, which
 * it started, outlives it. As the container's first program it would take PostgreSQL with it.
 */
const superviseScript = `#!/bin/sh
trap 'kill -TERM "$patroni" && wait "$patroni"; exit' TERM
python3 -I ${CONFIG_DIRECTORY}/${LIVENESS_WATCH} &
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
 * process of PostgreSQL's. From the moment something hangs it takes 3 to 4 s to be killed, so
 * that with the failover after it the answer still comes within the 5 s of the objective.
 *
 * In Python, which is there for Patroni, because it asks for ever: a shell started three processes
 * a second for it on every member, which cost as much as Patroni.
 */
const livenessScript = `import socket, subprocess, sys, time

SILENT_SEC = 0.8
AGAIN_SEC = 0.3
QUESTIONS = 3

def is_silent(port, question):
    deadline = time.monotonic() + SILENT_SEC
    try:
        with socket.create_connection(('127.0.0.1', port), SILENT_SEC) as connection:
            connection.sendall(question)
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            connection.recv(1)
        return False
    except TimeoutError:
        return True
    except OSError:
        return False

def hangs(port, question):
    for asked in range(QUESTIONS):
        if asked > 0:
            time.sleep(AGAIN_SEC)
        if not is_silent(port, question):
            return False
    return True

def kill(name, program):
    text = f'liveness: {name} answered none of {QUESTIONS} questions within {SILENT_SEC} s: killed'
    print(text, file=sys.stderr, flush=True)
    subprocess.run(['pkill', '-9', '-x', program])

def look():
    if hangs(${ports.postgres}, bytes([0, 0, 0, 8, 4, 210, 22, 47])):
        kill('PostgreSQL', 'postgres')
    elif hangs(${ports.patroni}, b'GET /liveness HTTP/1.0\\r\\n\\r\\n'):
        kill('Patroni', 'patroni')

while True:
    time.sleep(1)
    try:
        look()
    except Exception as error: # No process to be had, say: the next second may be better.
        print(f'liveness: {error}', file=sys.stderr, flush=True)
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
