/**
 * Puts other chat servers in the place of those that run: the same names,
 * network and settings, another command. So the same cluster can hold the
 * service as it is, and one that somebody broke on purpose.
 */
import { isOfService, type ChatBuild } from '../cluster.ts';
import { NO_EDGE } from '../components/process-spec.ts';
import { renderProcess } from '../components/render-process.ts';
import type { Secrets } from '../secrets.ts';
import { settleAll } from '../settle-all.ts';
import type { Topology } from '../topology.ts';
import { type Engine, ignoreHarmless } from './engine.ts';
import { startContainer } from './planned-container.ts';
import { planProcess, processName } from './server-containers.ts';
import type { ClusterRecord } from './state.ts';

export const deployChat = async (
  engine: Engine,
  record: ClusterRecord,
  context: { readonly topology: Topology; readonly secrets: Secrets },
  build: ChatBuild | undefined,
): Promise<void> => {
  const chats = context.topology.processes.filter(isOfService);
  await settleAll(
    chats.map(async (process) => {
      const spec = renderProcess(process, { ...context, edge: NO_EDGE });
      const plan = planProcess(record, process, {
        ...spec,
        command: build?.command ?? spec.command,
        environment: { ...spec.environment, ...build?.environment },
      });
      const mounts = (build?.mounts ?? []).map(
        ({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`,
      );
      const old = engine.getContainer(processName(record.id, process.id));
      await ignoreHarmless(old.remove({ force: true, v: true }));
      await startContainer({ ...plan, binds: [...plan.binds, ...mounts] });
    }),
  );
};
