import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, Wait } from 'testcontainers';
import { expect, onTestFinished, test } from 'vitest';
import { createEdgeCertificates } from '../authority.ts';
import { ensureImage } from '../images/ensure-image.ts';
import { createSecrets, createTicketKeys } from '../secrets.ts';
import { createTopology } from '../topology.ts';
import { CONFIG_DIRECTORY } from './process-spec.ts';
import { renderProcess } from './render-process.ts';

const IMAGE_TIMEOUT_MS = 600_000;

const topology = createTopology({ users: 20_000, openFiles: 20_000, network: '10.77.0' });
const { edge: certificate } = await createEdgeCertificates(['10.77.0.11'], new Date());
const edge = { certificate, ticketKeys: createTicketKeys() };

/** Patroni's own check wants its etcd to be up; the cluster's test shows that it starts. */
test.each([
  ['edge2/balancer-2', ['haproxy', '-c', '-f', `${CONFIG_DIRECTORY}/haproxy.cfg`]],
  ['app1/router', ['haproxy', '-c', '-f', `${CONFIG_DIRECTORY}/haproxy.cfg`]],
  ['app2/nats', ['nats-server', '-t', '--config', `${CONFIG_DIRECTORY}/nats.conf`]],
])(
  'the program of %s accepts its configuration',
  async (id, command) => {
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    const process_ = topology.processes.find((candidate) => candidate.id === id);
    expect(process_).toBeDefined();
    if (process_ === undefined) return;
    const spec = renderProcess(process_, { topology, secrets: createSecrets(), edge });
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    await Promise.all(
      Object.entries(spec.files).map(([name, text]) =>
        writeFile(join(directory, name), text, { mode: 0o644 }),
      ),
    );
    const image = await ensureImage(spec.image, () => undefined);
    await using container = await new GenericContainer(image)
      .withAutoCleanup(false)
      .withNetworkMode('none')
      .withCommand(['sleep', '60'])
      .withBindMounts([{ source: directory, target: CONFIG_DIRECTORY, mode: 'ro' }])
      .withLabels({ 'holdfast.test': 'components' })
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    const { exitCode, output } = await container.exec([...command], { user: 'root' });
    expect(exitCode, output).toBe(0);
  },
  IMAGE_TIMEOUT_MS,
);
