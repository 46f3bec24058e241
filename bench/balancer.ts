/**
 * What one CPU of a balancer does: requests a second through one HAProxy of
 * the image in use, with one thread on one core, against the mission's 4,000
 * on 1 CPU, 25,000 on 8 and 100,000 in all (claim C30).
 *
 *     npm run bench -- balancer [--seconds 3] [--json]
 *
 * Exit 0: all three bars are met by plain HTTP on kept connections.
 *
 * Limits: the figure is requests for each second of the balancer's CPU time,
 * because on two cores the client may be slower than the balancer; `busy` says
 * how much of its core it used. Beyond one CPU nothing is measured. Loopback
 * instead of a network card, an answer of 128 bytes at once. It measures a
 * balancer of HTTP requests, as the mission means it; the edges pass on
 * sockets, and the last row is that: one request is one frame each way.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { HoldfastError } from '../cluster/errors.ts';
import { holdAgainstBars } from './balancer/bars.ts';
import type { BalancerTrial } from '../cluster/cluster.ts';
import { tryBalancer } from '../cluster/docker/balancer-trial/try-balancer.ts';
import { runBench } from './run-bench.ts';
import { grouped, tableOf } from './table.ts';

const SECONDS_MAX = 60;

const HEADS = ['way', 'requests', 'requests/s', 'busy', 'requests/s a CPU'];

const rowOf = ({
  way,
  requests,
  requestsHz,
  cpuSec,
  seconds,
  requestsPerCpuSec,
}: BalancerTrial) => [
  way,
  grouped(requests),
  grouped(requestsHz),
  `${Math.round((100 * cpuSec) / seconds)} %`,
  grouped(requestsPerCpuSec),
];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

await runBench(async () => {
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= SECONDS_MAX) || cpus().length < 2) {
    throw new HoldfastError({
      code: 'usage',
      message: `--seconds ${values.seconds} on ${cpus().length} cores cannot be measured`,
      remedy: `1 to ${SECONDS_MAX} seconds for each way, on a machine of two cores or more`,
      exitCode: 64,
    });
  }
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const measured = await tryBalancer({ secondsEach: seconds, ways: 'all', log });
  const [kept = 0, renewed = 0] = measured.map((each) => each.requestsPerCpuSec);
  const { lines, met } = holdAgainstBars(kept, renewed);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine, measured, lines, met }, null, 2)}\n`
      : `${tableOf(HEADS, measured.map(rowOf))}\n${lines.join('\n')}\n`,
  );
  return met;
});
