/**
 * The images of a cluster, one a role, and what each is built on. Small ones,
 * so that a change to one role builds one image; each is its Dockerfile in the
 * folder of its name.
 */

export const IMAGE_ROLES = [
  'base', // Debian with the tools that faults need
  'database', // PostgreSQL and Patroni
  'coordination', // etcd and NATS
  'balancer', // HAProxy
  'runtime', // Node and the locked npm packages
  'node', // the chat server and the guard
  'load', // k6
] as const;

export type ImageRole = (typeof IMAGE_ROLES)[number];

/** `debian` is the distribution itself, pulled or bootstrapped (`debian-base.ts`). */
export const imageParent: Readonly<Record<ImageRole, ImageRole | 'debian'>> = {
  base: 'debian',
  database: 'base',
  coordination: 'base',
  balancer: 'base',
  runtime: 'base',
  node: 'runtime',
  load: 'base',
};
