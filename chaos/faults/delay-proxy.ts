/**
 * Delay where the kernel cannot delay packets: a TCP proxy on a database
 * server that holds back what PostgreSQL says, and firewall rules that lead
 * every connection from outside through it. Connections that were there before
 * are reset, so that none goes past it.
 *
 * The proxy bears the mark and ends by itself; the rules are in the faults'
 * table: both go by `restore`. Limit: only PostgreSQL is delayed, what others
 * on the server say is not.
 */
import { type Cluster, FAULT_MARK, FAULT_TABLE, type Moment } from '../../cluster/cluster.ts';
import { ports } from '../../cluster/ports.ts';
import type { Look } from './evidence.ts';
import { endMarked, inBackground } from './marked-process.ts';
import { strikeOrFail } from './strike.ts';
import type { Queue } from './traffic-queue.ts';

const PROXY_PORT = 15_432;
/** Python takes a third of a second to start. */
const START_TIMEOUT_SEC = 10;
/** What is said whether it speaks TLS; PostgreSQL answers with one byte. */
const QUESTION = '\\0\\0\\0\\10\\4\\322\\26\\57';

/** Its arguments: the mark, own port, address and port of PostgreSQL, delay and jitter in seconds. */
const PROXY = `
import asyncio, random, sys
port, host, to = int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
delay, jitter = float(sys.argv[5]), float(sys.argv[6])
now = lambda: asyncio.get_running_loop().time()

async def pass_on(reader, writer):
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()

async def pass_on_late(reader, writer):
    queue = asyncio.Queue(1000)
    async def listen():
        due = 0
        while chunk := await reader.read(65536):
            due = max(due, now() + delay + random.uniform(-jitter, jitter))
            await queue.put((due, chunk))
        await queue.put((due, None))
    listening = asyncio.create_task(listen())
    try:
        while (item := await queue.get())[1] is not None:
            await asyncio.sleep(item[0] - now())
            writer.write(item[1])
            await writer.drain()
    finally:
        listening.cancel()

async def serve(reader, writer):
    try:
        behind, before = await asyncio.open_connection(host, to)
    except OSError:
        return writer.close()
    ways = [asyncio.create_task(pass_on(reader, before)), asyncio.create_task(pass_on_late(behind, writer))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    before.close()
    writer.close()

async def main():
    async with await asyncio.start_server(serve, '0.0.0.0', port) as server:
        await server.serve_forever()

asyncio.run(main())
`;

/**
 * What still reaches PostgreSQL itself from outside was connected before. A reset comes through:
 * kept from it, a sender would hold its replica's slot for seconds against the next.
 */
const RULES = `table inet ${FAULT_TABLE} {
  chain divert {
    type nat hook prerouting priority dstnat; policy accept;
    iifname != "lo" tcp dport ${ports.postgres} counter redirect to :${PROXY_PORT}
  }
  chain input {
    type filter hook input priority 0; policy accept;
    iifname != "lo" tcp dport ${ports.postgres} tcp flags & rst == 0 counter reject with tcp reset
  }
}`;

export function delayProxy(
  cluster: Cluster,
  server: { readonly id: string; readonly address: string },
  { delayMs, jitterMs }: { readonly delayMs: number; readonly jitterMs: number },
): Queue {
  const process = `${server.id}/patroni`;
  const seconds = [delayMs / 1_000, jitterMs / 1_000].map(String);
  const ready = `for try in $(seq ${START_TIMEOUT_SEC * 10}); do
  (exec 3<>/dev/tcp/127.0.0.1/${PROXY_PORT}) 2>/dev/null && exit; sleep 0.1
done; echo 'the proxy does not listen' >&2; exit 1`;
  const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
  return {
    async put(): Promise<Moment> {
      const own = [String(PROXY_PORT), server.address, String(ports.postgres), ...seconds];
      await inside(inBackground(['python3', '-c', PROXY, FAULT_MARK, ...own]));
      await strikeOrFail(inside, ['bash', '-c', ready], process);
      return strikeOrFail(
        (command) => cluster.execOnServer(server.id, command),
        ['nft', RULES],
        server.id,
      );
    },
    async remove() {
      await cluster.execOnServer(server.id, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
      await endMarked(cluster, process);
    },
  };
}

/** A question to PostgreSQL from the observer's server takes so long. */
export const answersLate = (
  cluster: Cluster,
  { id, address }: { readonly id: string; readonly address: string },
  leastMs: number,
): Look => ({
  what: `PostgreSQL on ${id} answers the observer after ${leastMs} ms or more`,
  async look() {
    const ask = `exec 3<>/dev/tcp/${address}/${ports.postgres} && from=\${EPOCHREALTIME/[.,]/} &&
printf '${QUESTION}' >&3 && IFS= read -r -t 30 -N 1 <&3 && echo $(( (\${EPOCHREALTIME/[.,]/} - from) / 1000 ))`;
    const { stdout } = await cluster.execOnServer('observer', ['bash', '-c', ask]);
    const tookMs = stdout.trim() === '' ? 0 : Number(stdout);
    return { ok: tookMs >= leastMs, seen: stdout.trim() === '' ? 'no answer' : `${tookMs} ms` };
  },
});
