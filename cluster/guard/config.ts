/** The guard's environment, parsed once. */
import { z } from 'zod';

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

const environmentSchema = z.object({
  /** The database member on whose server this guard runs. */
  GUARD_SELF: z.string().min(1),
  /** `db1=10.0.0.1,db2=…`: every member, this one included. */
  GUARD_MEMBERS: list.transform(
    (members) =>
      new Map(
        members.map((member) => {
          const [name = '', address = ''] = member.split('=');
          return [name, address] as const;
        }),
      ),
  ),
  /** `http://10.0.0.1:2379,…`. */
  GUARD_ETCD: list,
  /** Where Patroni keeps this cluster's keys: `/service/name`. */
  GUARD_SCOPE: z.string().startsWith('/'),
  GUARD_PATRONI_PORT: z.coerce.number().int().positive(),
  GUARD_POSTGRES_PORT: z.coerce.number().int().positive(),
  /** `/metrics`, for Prometheus. */
  GUARD_METRICS_PORT: z.coerce.number().int().positive(),
});

export interface GuardConfig {
  readonly self: string;
  readonly members: ReadonlyMap<string, string>;
  readonly etcdEndpoints: readonly string[];
  readonly scope: string;
  readonly patroniPort: number;
  readonly postgresPort: number;
  readonly metricsPort: number;
}

export const parseGuardConfig = (environment: unknown): GuardConfig => {
  const parsed = environmentSchema.parse(environment);
  return {
    self: parsed.GUARD_SELF,
    members: parsed.GUARD_MEMBERS,
    etcdEndpoints: parsed.GUARD_ETCD,
    scope: parsed.GUARD_SCOPE,
    patroniPort: parsed.GUARD_PATRONI_PORT,
    postgresPort: parsed.GUARD_POSTGRES_PORT,
    metricsPort: parsed.GUARD_METRICS_PORT,
  };
};
