/** The tables of a sweep's page: the parts, the steps, nine servers. */
import { formatBytes, formatCount, formatDuration, formatShare, NOT_MEASURED } from '../figures.ts';
import { html, NOTHING, state, table, type Markup } from '../html/markup.ts';
import type { Capacity, CapacityStep } from './capacity.ts';
import type { Extrapolation, ServerExtrapolation } from './extrapolation.ts';
import { PLACE_WORDS, rounded } from './extrapolation-words.ts';
import { sumOf } from './parts.ts';

export function partsTable({ saturation }: Capacity): Markup {
  if (saturation === null) return NOTHING;
  const { parts, cores } = saturation;
  return table(
    [
      { head: 'part' },
      { head: 'cores', numeric: true },
      { head: 'of the machine', numeric: true },
      { head: 'memory', numeric: true },
    ],
    parts.map((each) => [
      each.part,
      formatCount(each.cores, 2),
      `${formatCount((100 * each.cores) / cores.machine)}\u202f%`,
      formatBytes(each.memoryBytes),
    ]),
    '',
  );
}

const OUTCOMES = {
  held: ['good', 'held'],
  failed: ['bad', 'failed'],
  generator: ['warn', 'generator'],
  unknown: ['warn', 'not known'],
} as const satisfies Readonly<
  Record<CapacityStep['kind'], readonly ['good' | 'bad' | 'warn', string]>
>;

export function stepsSection({ steps, search, under }: Capacity): Markup {
  const fault = under === null ? '' : `, then ${under}`;
  return html`<section id="steps">
    <h2>Every step</h2>
    <p class="muted">
      Each is a run of its own on empty tables, with ${formatDuration(search.plateauSec * 1_000)} of
      steady load${fault}, judged like any other; its directory is inside this one.
    </p>
    ${table(
      [
        { head: 'users', numeric: true },
        { head: 'outcome' },
        { head: 'messages', numeric: true },
        { head: 'p50', numeric: true },
        { head: 'p99', numeric: true },
        ...(under === null ? [] : [{ head: 'p99, all', numeric: true }]),
        { head: 'with retries', numeric: true },
        { head: 'cores busy', numeric: true },
        { head: 'run' },
      ],
      steps.map((step) => rowOf(step, under !== null)),
      'No step was ended.',
    )}
  </section>`;
}

function rowOf(step: CapacityStep, isUnder: boolean): readonly (string | Markup)[] {
  const { users, kind, reasons, acknowledgedHz, latencyMs, latencyWholeMs, busyCores } = step;
  const [tone, word] = OUTCOMES[kind];
  const ours = step.usage.length === 0 ? null : sumOf(step.usage, 'cores');
  const cores = busyCores ?? ours;
  return [
    formatCount(users),
    html`${state(tone, word)}${reasons.map((reason) => html`<br /><span class="muted">${reason}</span>`)}`,
    acknowledgedHz === null ? NOT_MEASURED : `${formatCount(acknowledgedHz)}/s`,
    formatDuration(latencyMs.p50),
    formatDuration(latencyMs.p99),
    ...(isUnder ? [formatDuration(latencyWholeMs.p99)] : []),
    formatShare(step.availability.withRetries),
    cores === null ? NOT_MEASURED : formatCount(cores, 2),
    html`<a href="${step.run}/report.html">${step.run}</a>`,
  ];
}

export function extrapolationSection(extrapolation: Extrapolation): Markup {
  if (extrapolation.kind === 'not-possible') return NOTHING;
  return html`${table(
      [
        { head: 'server' },
        { head: 'of these', numeric: true },
        { head: 'cores at rest', numeric: true },
        { head: 'per 10\u202f000 users', numeric: true },
        { head: 'off by at most', numeric: true },
        { head: 'at 20\u202f000', numeric: true },
        { head: 'full at', numeric: true },
        { head: 'by' },
        { head: 'one lost', numeric: true },
      ],
      extrapolation.servers.map(serverRow),
      'No server’s usage is known.',
    )}
    <h3>What this takes for granted</h3>
    <ul>
      ${extrapolation.assumptions.map((assumption) => html`<li>${assumption}</li>`)}
    </ul>`;
}

const serverRow = (server: ServerExtrapolation): readonly string[] => [
  PLACE_WORDS[server.role],
  String(server.servers),
  formatCount(server.cores.fixed, 3),
  formatCount(server.cores.each * 10_000, 3),
  formatCount(server.coresErrorMax, 3),
  formatCount(server.coresAtMission, 2),
  server.usersMax === null ? 'never' : rounded(server.usersMax),
  server.fullBy ?? NOT_MEASURED,
  server.usersMaxAfterLoss === null ? 'never' : rounded(server.usersMaxAfterLoss),
];
