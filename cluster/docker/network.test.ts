import { expect, test } from 'vitest';
import { overlaps, parseRoutes } from './network.ts';

/** As the kernel writes it: default, 10.213.0.0/24, 172.16.0.0/12. */
const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
br0\t0000D50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0
`;

test('reads the routes of the machine without the default route', () => {
  expect(parseRoutes(TABLE)).toEqual([
    { destination: 0x0a_d5_00_00, mask: 0xff_ff_ff_00 },
    { destination: 0xac_10_00_00, mask: 0xff_f0_00_00 },
  ]);
});

test.each([
  ['10.213.0', true],
  ['10.213.1', false],
  ['172.29.16', true],
  ['172.32.0', false],
  ['192.168.200', false],
])('%s.0/24 overlaps a route: %s', (network, expected) => {
  expect(parseRoutes(TABLE).some((route) => overlaps(network, route))).toBe(expected);
});

test('a route to a single address inside the subnet overlaps it', () => {
  expect(overlaps('10.1.2', { destination: 0x0a_01_02_07, mask: 0xff_ff_ff_ff })).toBe(true);
});
