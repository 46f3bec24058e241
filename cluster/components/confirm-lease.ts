/**
 * What Patroni runs right before it promotes (`pre_promote`): it lets a member pass only while the
 * leader key in etcd names it, and takes the key anew in the same transaction.
 *
 * Why: Patroni reads the key from an etcd member that may be behind, and renews its lease without a
 * look at the key. So it may promote a member from which the lease was taken meanwhile. Seen after
 * the loss of etcd's majority: the guards had fenced the old primary, it was promoted all the same,
 * and a quarter of a second later another was. Both had begun the same timeline, because neither had
 * seen the other's. Of two members on one timeline neither Patroni nor `pg_rewind` asks which is
 * right (Patroni's issue 1251): the first could never follow again, and still counted as one that
 * confirms commits.
 *
 * The key's revision is new afterwards, so votes and fences that were on their way are void: the
 * guards need three more rounds, longer than a promotion takes.
 *
 * A refusal is no error code: after one Patroni keeps the member out of elections for 20 s. The
 * script asks again instead until Patroni, which looks once a second, sees for itself that the lease
 * is gone, and ends it.
 *
 * Limits: a member that dies between its promotion and the moment at which the first replica
 * follows it (some 100 ms) leaves the same timeline to its successor.
 */

export const CONFIRM_LEASE = 'confirm-lease.sh';

/** As long as a lease that nobody renews: after that there is nothing to confirm any more. */
const PATIENCE_SEC = 20;

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** `endpoints`: etcd's, all asked at once, because one of them may be dead. */
export const confirmLeaseScript = (
  endpoints: readonly string[],
  leaderKey: string,
  member: string,
): string => {
  const key = encode(leaderKey);
  const transaction = {
    compare: [{ target: 'VALUE', key, value: encode(member) }],
    success: [{ request_put: { key, ignore_value: true, ignore_lease: true } }],
  };
  const urls = endpoints.map((endpoint) => `${endpoint}/v3/kv/txn`).join(' ');
  // One process for all of them, and the first that says so is enough.
  return `#!/bin/bash
while [ $SECONDS -lt ${PATIENCE_SEC} ]; do
  grep -q '"succeeded":true' < <(
    curl -sfNZ --parallel-immediate --max-time 1 -w '\\n' -d '${JSON.stringify(transaction)}' ${urls}
  ) && exit 0
  echo 'confirm-lease: the leader key in etcd does not name this member, or etcd does not answer' >&2
  sleep 0.2
done
exit 1
`;
};
