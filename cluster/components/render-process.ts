/** From a process of the topology to what it needs to run: one line a component. */
import type { Component, ServerProcess } from '../cluster.ts';
import { HoldfastError } from '../errors.ts';
import { balancer } from './balancer.ts';
import { chat, history, ingest } from './chat.ts';
import { etcd } from './etcd.ts';
import { guard } from './guard.ts';
import { withMovableClock } from './movable-clock.ts';
import { nats } from './nats.ts';
import { patroni } from './patroni.ts';
import type { ProcessContext, ProcessSpec } from './process-spec.ts';
import { router } from './router.ts';

const components: Readonly<Record<Component, (context: ProcessContext) => ProcessSpec>> = {
  balancer,
  etcd,
  nats,
  router,
  chat,
  ingest,
  history,
  patroni,
  guard,
};

export const renderProcess = (
  process: ServerProcess,
  context: Omit<ProcessContext, 'server' | 'name'>,
): ProcessSpec => {
  const server = context.topology.servers.find(({ id }) => id === process.server);
  if (server === undefined) {
    throw new HoldfastError({
      code: 'unknown-server',
      message: `The process ${process.id} is placed on ${process.server}, which is no server of this cluster.`,
      remedy: `Servers: ${context.topology.servers.map(({ id }) => id).join(', ')}.`,
    });
  }
  const name = process.id.slice(process.server.length + 1);
  const spec = components[process.component]({ ...context, server, name });
  return context.topology.movableClocks && server.role === 'db' ? withMovableClock(spec) : spec;
};
