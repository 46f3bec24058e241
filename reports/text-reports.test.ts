import { describe, expect, it } from 'vitest';
import { groupEnvironment } from './environment.ts';
import { renderJson } from './json.ts';
import { escapeXml, renderJunit } from './junit.ts';
import { escapeMarkdown, renderMarkdown } from './markdown.ts';
import {
  sampleEnvironment,
  sampleFailure,
  sampleInconclusive,
  sampleNothing,
  sampleRefutedCheck,
  sampleVerdict,
} from './sample-run.fixture.ts';
import { sampleSeries } from './sample-series.fixture.ts';
import { renderTerminal } from './terminal.ts';

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('JUnit', () => {
  it('has no failure and no error for a pass, and skips what was not tested', () => {
    const xml = renderJunit(sampleVerdict);
    expect(xml).toMatch(
      /<testsuites name="holdfast [^"]+" tests="18" failures="0" errors="0" skipped="2"/,
    );
    expect(count(xml, '<testsuite ')).toBe(5);
    expect(count(xml, '<testcase ')).toBe(18);
    expect(xml).toContain('<skipped message="not tested: no name server in this profile"/>');
  });

  it('fails for the verdict, the refuted check and the refuted claim', () => {
    const xml = renderJunit(sampleFailure);
    expect(count(xml, '<failure ')).toBe(3);
    expect(count(xml, '<error ')).toBe(0);
    expect(xml).toContain('sample-17-3 acknowledged as 41');
  });

  it('is in error for an inconclusive run: unmet precondition, unknown check, fault without proof', () => {
    const xml = renderJunit(sampleInconclusive);
    expect(count(xml, '<failure ')).toBe(0);
    expect(count(xml, '<error ')).toBe(4);
    expect(renderJunit(sampleNothing)).toContain('errors="1"');
  });

  it('escapes markup and control characters', () => {
    expect(escapeXml(`<a b="c">&'\u0000\ud800</a>`)).toBe(
      '&lt;a b=&quot;c&quot;&gt;&amp;&apos;\ufffd\ufffd&lt;/a&gt;',
    );
    const hostile = { ...sampleRefutedCheck, detail: ']]><failure/>', examples: ['\u001b[2J<x>'] };
    const xml = renderJunit({ ...sampleFailure, checks: [hostile] });
    expect(xml).not.toContain('<x>');
    expect(xml).not.toContain('<failure/>');
    expect(xml).not.toContain('\u001b');
  });
});

describe('Markdown', () => {
  it('says the answer, its reasons and its figures before the first table of detail', () => {
    const [top = ''] = renderMarkdown(sampleFailure).split('\n## ');
    expect(top).toMatch(/^# FAIL: It lost 3 messages/);
    expect(top).toContain('- 3 acknowledged messages are on no surviving node');
    expect(top).toContain('| **Lost** | **3** | of 139\u202f946 acknowledged messages |');
    expect(top.split('\n').length).toBeLessThan(20);
  });

  it('names refuted claims first and lists those not tested', () => {
    const text = renderMarkdown(sampleFailure);
    expect(text).toContain('4 held, 1 refuted, 2 not tested.');
    expect(text.indexOf('| C11 |')).toBeLessThan(text.indexOf('| C01 |'));
    expect(text).toContain('Not tested: C13 backups');
  });

  it('keeps a table whole, whatever stands in a cell', () => {
    const hostile = { ...sampleRefutedCheck, detail: 'a | b\nc <img> `d` [e](f) @g \\| h' };
    const row = renderMarkdown({ ...sampleFailure, checks: [hostile] })
      .split('\n')
      .find((line) => line.includes('&lt;img&gt;'));
    expect(row?.match(/(?<!\\)(?:\\\\)*\|/g)).toHaveLength(4);
    expect(row).not.toContain('@g');
    expect(escapeMarkdown('\\|')).toBe('\\\\\\|');
  });

  it('leaves out tables that have no rows', () => {
    expect(renderMarkdown(sampleNothing)).not.toContain('## Checks');
  });
});

describe('terminal', () => {
  const plain = { color: false, width: 80 } as const;

  it('keeps within the columns it was given, 80 at most', () => {
    for (const verdict of [sampleVerdict, sampleFailure, sampleInconclusive, sampleNothing]) {
      for (const width of [40, 60, 80, 200]) {
        const lines = renderTerminal(verdict, { color: false, width }).split('\n');
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(
          Math.min(width, 80),
        );
      }
    }
  });

  it('shows the verdict, the reasons, and a recovery for each fault', () => {
    const text = renderTerminal(sampleFailure, plain).replaceAll('\u202f', ' ');
    expect(text).toContain('FAIL  It lost 3 messages');
    expect(text).toContain('  - 3 acknowledged messages are on no surviving node');
    expect(text).toMatch(
      /kill-server on db2 {2}bitten\n {4}new primary db3, first acknowledgement/,
    );
    expect(text).toContain('4 held, 1 refuted (C11), 2 not tested');
  });

  it('uses colour only when asked, and says the same with it', () => {
    const painted = renderTerminal(sampleFailure, { color: true, width: 80 });
    expect(renderTerminal(sampleFailure, plain)).not.toContain('\u001b');
    expect(painted).toContain('\u001b[31m');
    // eslint-disable-next-line no-control-regex -- These are the colours.
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderTerminal(sampleFailure, plain));
  });

  it('shows control characters of the evidence instead of obeying them', () => {
    const text = renderTerminal({ ...sampleFailure, reasons: ['\u001b[2Jgone\u202e'] }, plain);
    expect(text).toContain('\ufffd[2Jgone\ufffd');
  });

  it('cuts a word that is longer than a line', () => {
    const text = renderTerminal({ ...sampleFailure, reasons: ['x'.repeat(200)] }, plain);
    expect(count(text, 'x')).toBeGreaterThanOrEqual(200);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('JSON', () => {
  it('gives the same text whatever order the keys were made in', () => {
    expect(renderJson({ b: 1, a: { d: [], c: {} } })).toBe(
      '{\n  "a": {\n    "c": {},\n    "d": []\n  },\n  "b": 1\n}\n',
    );
    expect(renderJson({ b: 1, a: 2 })).toBe(renderJson({ a: 2, b: 1 }));
  });

  it('opens with what the file is, and keeps phases in the order of time', () => {
    const text = renderJson(sampleVerdict);
    expect(text).toMatch(/^\{\n {2}"schema": "holdfast.verdict\/1",\n {2}"verdict": "pass"/);
    expect(text.indexOf('"steady"')).toBeLessThan(text.indexOf('"campaign"'));
  });

  it('loses nothing', () => {
    for (const value of [sampleVerdict, sampleSeries, sampleEnvironment]) {
      expect(JSON.parse(renderJson(value))).toEqual(value);
    }
  });
});

describe('the environment', () => {
  it('becomes groups of named values, whatever is in it', () => {
    expect(groupEnvironment(sampleEnvironment)).toEqual([
      {
        name: 'general',
        entries: [
          ['note', 'SAMPLE: made up for tests, not measured'],
          ['servers.db1', 'db, 10.0.0.7'],
        ],
      },
      {
        name: 'machine',
        entries: [
          ['system', 'Debian 12'],
          ['cores', '2'],
          ['memoryBytes', '24\u202fGiB'],
          ['cgroup', '1'],
        ],
      },
      {
        name: 'versions',
        entries: [
          ['node', '24.21.0'],
          ['k6', '2.2.0'],
          ['postgresql', '17.5'],
          ['patroni', '4.0.7'],
        ],
      },
      {
        name: 'limits',
        entries: [
          ['openFiles', '20000'],
          ['netem', 'no'],
        ],
      },
    ]);
    expect(groupEnvironment({})).toEqual([]);
  });
});
