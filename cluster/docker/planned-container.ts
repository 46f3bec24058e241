/**
 * A container as we want it, started through testcontainers, which has no word
 * for some of what we need: an address of our choice on a network of ours, the
 * engine's own names for descriptors, sysctls and an init process.
 */
import { GenericContainer, type StartedTestContainer } from 'testcontainers';

export type ContainerNetwork =
  /** On a network of ours, at this address. */
  | { readonly kind: 'addressed'; readonly network: string; readonly address: string }
  /** In the network namespace of another container. */
  | { readonly kind: 'joined'; readonly container: string };

export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: ContainerNetwork;
  /** `source:target[:ro]`; a source without a slash is a volume. */
  readonly binds: readonly string[];
  readonly openFiles: number;
  readonly capabilities?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  /** A first process that does nothing but reap: for commands that only wait, or leave orphans. */
  readonly hasInit?: boolean;
  readonly sharedMemoryBytes?: number;
  readonly user?: string;
  /** Weight when cores are short; the engine's default is 1,024. */
  readonly cpuShares?: number;
}

/** Logs of a long run must not fill the disk. */
const LOGS = { Type: 'json-file', Config: { 'max-size': '20m', 'max-file': '2' } };

class PlannedContainer extends GenericContainer {
  constructor(plan: ContainerPlan) {
    super(plan.image);
    this.withName(plan.name)
      .withCommand([...plan.command])
      .withEnvironment({ ...plan.environment })
      .withLabels({ ...plan.labels })
      .withAutoCleanup(false)
      .withUlimits({ nofile: { soft: plan.openFiles, hard: plan.openFiles } });
    this.hostConfig.Binds = [...plan.binds];
    this.hostConfig.LogConfig = LOGS;
    if (plan.capabilities !== undefined) this.withAddedCapabilities(...plan.capabilities);
    if (plan.sysctls !== undefined) this.hostConfig.Sysctls = { ...plan.sysctls };
    if (plan.hostname !== undefined) this.withHostname(plan.hostname);
    if (plan.hasInit === true) this.hostConfig.Init = true;
    if (plan.sharedMemoryBytes !== undefined) this.withSharedMemorySize(plan.sharedMemoryBytes);
    if (plan.user !== undefined) this.withUser(plan.user);
    if (plan.cpuShares !== undefined) this.hostConfig.CpuShares = plan.cpuShares;
    switch (plan.network.kind) {
      case 'joined':
        this.withNetworkMode(`container:${plan.network.container}`);
        return;
      case 'addressed':
        this.withNetworkMode(plan.network.network);
        this.createOpts.NetworkingConfig = {
          EndpointsConfig: {
            [plan.network.network]: { IPAMConfig: { IPv4Address: plan.network.address } },
          },
        };
    }
  }
}

export const startContainer = (plan: ContainerPlan): Promise<StartedTestContainer> =>
  new PlannedContainer(plan).start();
