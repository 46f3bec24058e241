import { describe, expect, it } from 'vitest';
import type { CheckReport } from './check.ts';
import { renderChecks } from './render-checks.ts';

const docker: CheckReport = {
  id: 'docker',
  title: 'Docker',
  needed: 'always',
  kind: 'missing',
  found: 'not installed',
  means: 'nothing runs',
  mend: ['sudo apt-get update', 'sudo apt-get install -y docker.io'],
  tookMs: 1,
};

describe('the findings as text', () => {
  it('aligns titles and shows every command of what is to be mended', () => {
    const cores: CheckReport = {
      ...docker,
      title: 'Cores',
      kind: 'ok',
      found: '2',
      means: 'enough',
      mend: ['not shown'],
    };
    expect(renderChecks([docker, cores])).toBe(
      [
        'MISSING  Docker  not installed',
        '                 nothing runs',
        '                 $ sudo apt-get update',
        '                 $ sudo apt-get install -y docker.io',
        'ok       Cores   2',
        '                 enough',
      ].join('\n'),
    );
  });

  it('says of what is not there for whom it matters', () => {
    expect(renderChecks([{ ...docker, needed: 'optional' }])).toContain('not installed (optional)');
  });

  it('keeps findings of several lines together', () => {
    expect(
      renderChecks([{ ...docker, found: 'one\ntwo' }])
        .split('\n')[1]
        ?.trim(),
    ).toBe('two');
  });
});
