/**
 * The network of a cluster: a bridge with a subnet of our choice, so that
 * every server can have an address that stays. Docker refuses a subnet that
 * another of its networks has; the machine's own routes it does not look at,
 * so we do. The upper half of the subnet is for load generators, which take
 * whatever address is free.
 */
import { readFile } from 'node:fs/promises';
import { HoldfastError } from '../errors.ts';
import type { Engine } from './engine.ts';

/** Private ranges that few others choose; each cluster of this machine takes the first free one. */
const CANDIDATES = [
  ...Array.from({ length: 24 }, (_, index) => `10.213.${index * 8}`),
  ...Array.from({ length: 8 }, (_, index) => `172.29.${index * 16}`),
  ...Array.from({ length: 8 }, (_, index) => `192.168.${200 + index}`),
];

export const networkName = (cluster: string): string => `holdfast-${cluster}`;

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export interface Route {
  readonly destination: number;
  readonly mask: number;
}

/** `/proc/net/route`: numbers in hexadecimal, lowest byte first; default routes cover nothing. */
export const parseRoutes = (text: string): readonly Route[] => {
  const swap = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE(0);
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && fields[7] !== '00000000')
    .map((fields) => ({ destination: swap(fields[1] ?? ''), mask: swap(fields[7] ?? '') }));
};

export const overlaps = (network: string, { destination, mask }: Route): boolean => {
  const subnet = toNumber(`${network}.0`);
  const wider = (mask & 0xffff_ff00) >>> 0;
  return (subnet & wider) >>> 0 === (destination & wider) >>> 0;
};

/** Makes the network; returns the first three numbers of its addresses. */
export const createNetwork = async (
  engine: Engine,
  cluster: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> => {
  const routes = parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''));
  let refusal = 'every candidate overlaps a route of this machine';
  for (const network of CANDIDATES) {
    if (routes.some((route) => overlaps(network, route))) continue;
    try {
      await engine.createNetwork({
        Name: networkName(cluster),
        CheckDuplicate: true,
        Driver: 'bridge',
        Labels: { ...labels },
        IPAM: {
          Config: [
            {
              Subnet: `${network}.0/24`,
              IPRange: `${network}.128/25`,
              Gateway: `${network}.1`,
            },
          ],
        },
      });
      return network;
    } catch (error) {
      refusal = String(error);
    }
  }
  throw new HoldfastError({
    code: 'no-free-subnet',
    message: `Docker accepted none of ${CANDIDATES.length} subnets for the network ${networkName(cluster)}. Last: ${refusal}`,
    remedy: 'holdfast cluster down --all, or remove unused networks: docker network ls',
  });
};
