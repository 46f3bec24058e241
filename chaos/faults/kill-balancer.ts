/**
 * Every balancer process of one edge dies: half of all users lose their
 * connection and have to come in through the other edge, all at once.
 * Threatens the other edge and the chat servers by the rush. Healing starts
 * them; nobody moves back by himself.
 */
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findEdge, processesOf } from './target.ts';

export const killBalancer = defineFault({
  kind: 'kill-balancer',
  imitates: 'the load balancer of one edge crashes; its users come in through the other',
  aim: 'an edge',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  leansOn: ['edges'],
  options: {},
  target: findEdge,
  prepare: async (context, target) =>
    killProcesses(context, processesOf(context.cluster, target, 'balancer')),
});
