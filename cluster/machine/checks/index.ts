/**
 * All checks, in the order in which they are shown and mended. To add one: a file here that exports
 * a `Check`, and a line below.
 */
import type { Check } from '../check.ts';
import { bridgeFilter } from './bridge-filter.ts';
import { cgroup } from './cgroup.ts';
import { chromium } from './chromium.ts';
import { cores } from './cores.ts';
import { debootstrap } from './debootstrap.ts';
import { dockerDisk, runDisk } from './disk.ts';
import { disruptor } from './disruptor.ts';
import { docker } from './docker.ts';
import { fuse } from './fuse.ts';
import { go } from './go.ts';
import { k6 } from './k6.ts';
import { memory } from './memory.ts';
import { netem } from './netem.ts';
import { nftables } from './nftables.ts';
import { node } from './node.ts';
import { openFiles } from './open-files.ts';

export const CHECKS: readonly Check[] = [
  node,
  docker,
  cgroup,
  debootstrap,
  nftables,
  bridgeFilter,
  k6,
  go,
  openFiles,
  cores,
  memory,
  runDisk,
  dockerDisk,
  netem,
  fuse,
  chromium,
  disruptor,
];
