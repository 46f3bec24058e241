/**
 * Puts a balancer under load in containers of their own, without any network
 * but their loopback: the measured HAProxy alone on core 0, the one that
 * answers and the client together on core 1. Requests are held against the CPU
 * time of the measured one's control group, so that a client which is slower
 * than the balancer does not make the balancer look slow.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { BalancerTrial } from '../../cluster.ts';
import { createEdgeCertificates } from '../../authority.ts';
import { awaitCondition } from '../../await.ts';
import { connectEngine, type Engine } from '../engine.ts';
import { execIn } from '../exec.ts';
import { labelsFor, ownOwner } from '../labels.ts';
import { removeCluster } from '../remove-cluster.ts';
import { usageReader } from '../usage.ts';
import { HoldfastError } from '../../errors.ts';
import { ensureImage } from '../../images/ensure-image.ts';
import { ANSWER_PORT, ANSWERING, EDGE_PORT, HTTP_PORT, MEASURED } from './configurations.ts';

interface Way {
  readonly name: string;
  readonly port: number;
  readonly transport: 'plain' | 'tls';
  readonly connections: 'keep' | 'close';
}

/** The first is held against the bars, the second told beside it. */
const WAYS: readonly Way[] = [
  { name: 'HTTP', port: HTTP_PORT, transport: 'plain', connections: 'keep' },
  { name: 'HTTP, new connections', port: HTTP_PORT, transport: 'plain', connections: 'close' },
  { name: 'as the edges: TLS, passed on', port: EDGE_PORT, transport: 'tls', connections: 'keep' },
];

const outputSchema = z.object({ requests: z.number(), seconds: z.number(), wrong: z.number() });

const BALANCER = 'trial/balancer';
/** HAProxy listens within a tenth of a second. */
const LISTENS = { timeoutMs: 10_000, everyMs: 50 } as const;

export interface TrialOptions {
  readonly secondsEach: number;
  /** All of them, or the first only. */
  readonly ways: 'all' | 'first';
  readonly log: (line: string) => void;
}

/** Needs two cores; takes some 3 s beside the load itself. */
export async function tryBalancer({
  secondsEach,
  ways,
  log,
}: TrialOptions): Promise<readonly BalancerTrial[]> {
  if (cpus().length < 2) {
    throw new HoldfastError({
      code: 'balancer-trial',
      message: 'a balancer cannot be tried on one core: its client would be on it, too',
      remedy: 'a machine of two cores or more',
    });
  }
  const engine = await connectEngine();
  const [balancerImage, nodeImage] = [
    await ensureImage('balancer', log),
    await ensureImage('node', log),
  ];
  const id = `trial-${randomBytes(3).toString('hex')}`;
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-balancer-'));
  const start = (part: Part): Promise<string> => startPart(engine, id, directory, part);
  try {
    const certificates = await createEdgeCertificates(['127.0.0.1'], new Date());
    await writeFile(join(directory, 'edge.pem'), certificates.edge);
    await writeFile(join(directory, 'authority.pem'), certificates.authority);
    await writeFile(join(directory, 'measured.cfg'), MEASURED);
    await writeFile(join(directory, 'answering.cfg'), ANSWERING);
    const haproxy = (file: string) => ['haproxy', '-db', '-f', `/trial/${file}.cfg`];
    const answering = { name: 'answering', image: balancerImage, core: 1, network: 'none' };
    const holder = await start({ ...answering, command: haproxy('answering') });
    const inside = { network: `container:${holder}` };
    await start({
      ...{ name: 'balancer', image: balancerImage, core: 0, ...inside },
      command: haproxy('measured'),
    });
    const idle = { name: 'client', image: nodeImage, core: 1, ...inside };
    const client = await start({ ...idle, command: ['sleep', '600'] });
    await awaitPorts(engine, client);
    const measured: BalancerTrial[] = [];
    for (const way of ways === 'all' ? WAYS : WAYS.slice(0, 1))
      measured.push(await measureWay(engine, id, client, way, secondsEach));
    return measured;
  } finally {
    await removeCluster(id);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Until both balancers take connections. */
const awaitPorts = (engine: Engine, client: string): Promise<string> => {
  const ports = [ANSWER_PORT, HTTP_PORT, EDGE_PORT];
  const connects = ports.map((port) => `exec 3<>/dev/tcp/127.0.0.1/${port}`).join(' && ');
  return awaitCondition(
    async () => {
      const { exitCode, stderr } = await execIn(engine, client, ['bash', '-c', connects]);
      return { met: exitCode === 0, seen: stderr.trim() };
    },
    { what: `the ports ${ports.join(', ')} of a balancer's trial`, ...LISTENS },
  );
};

interface Part {
  readonly name: string;
  readonly image: string;
  readonly core: number;
  readonly network: string;
  readonly command: readonly string[];
}

/** The container's name. */
async function startPart(
  engine: Engine,
  id: string,
  directory: string,
  { name, image, core, network, command }: Part,
): Promise<string> {
  const container = await engine.createContainer({
    name: `holdfast-${id}-${name}`,
    Image: image,
    Cmd: [...command],
    Labels: labelsFor(
      { cluster: id, owner: ownOwner(), keep: false },
      { process: `trial/${name}` },
    ),
    HostConfig: {
      NetworkMode: network,
      CpusetCpus: String(core),
      Binds: [
        `${directory}:/trial:ro`,
        `${resolve(import.meta.dirname, 'client.ts')}:/client.ts:ro`,
      ],
    },
  });
  await container.start();
  return `holdfast-${id}-${name}`;
}

async function measureWay(
  engine: Engine,
  id: string,
  client: string,
  { name, port, transport, connections }: Way,
  seconds: number,
): Promise<BalancerTrial> {
  const readUsage = usageReader(engine, id);
  const cpuSecNow = async (): Promise<number> =>
    (await readUsage()).find((each) => each.id === BALANCER)?.cpuSec ?? Number.NaN;
  const before = await cpuSecNow();
  const command = ['node', '/client.ts', String(port), transport, connections, String(seconds)];
  const { stdout, stderr, exitCode } = await execIn(engine, client, command);
  const cpuSec = (await cpuSecNow()) - before;
  const found = exitCode === 0 ? outputSchema.parse(JSON.parse(stdout)) : undefined;
  // An answer that failed cost less than one that did not.
  if (found === undefined || found.requests === 0 || found.wrong > found.requests / 1_000) {
    throw new HoldfastError({
      code: 'balancer-trial',
      message: `${name}: the client ended with ${exitCode} and said ${stdout.trim()} ${stderr.trim()}`,
      remedy:
        'the balancer answered wrongly or not at all; docker logs of its container, while it runs, say why',
    });
  }
  return {
    way: name,
    requests: found.requests,
    seconds: found.seconds,
    cpuSec,
    requestsHz: found.requests / found.seconds,
    requestsPerCpuSec: found.requests / cpuSec,
  };
}
