/**
 * Sees to it that a run has the service's own chat servers unless one of its
 * rigs brings others: those of the run before are replaced only then, because
 * replacing them takes seconds.
 */
import type { Rig } from './sabotage.ts';

/** What runs on the cluster now. */
export interface Deployed {
  isOwn: boolean;
}

export const ownBuild =
  (deployed: Deployed): Rig =>
  ({ cluster }) => {
    let isChosen = false;
    const deployChat: typeof cluster.deployChat = async (build) => {
      isChosen = true;
      deployed.isOwn = build === undefined;
      await cluster.deployChat(build);
    };
    return {
      deployChat,
      async prepareChat(channels) {
        if (!isChosen && !deployed.isOwn) await deployChat();
        await cluster.prepareChat(channels);
      },
    };
  };
