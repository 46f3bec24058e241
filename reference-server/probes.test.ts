import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createProbes } from './probes.ts';
import { createStatusPages, type ServerState } from './status-pages.ts';

test('a server without users answers probes, and nothing else', async () => {
  let state: ServerState = 'starting';
  const probes = createProbes({ pages: createStatusPages(() => state, createMetrics()) });
  const port = await probes.listen(0);
  const status = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    await answer.body?.cancel();
    return answer.status;
  };
  try {
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(503);
    state = 'ready';
    expect(await status('/readyz')).toBe(200);
    state = 'leaving';
    expect(await status('/readyz')).toBe(404);
    expect(await status('/metrics')).toBe(200);
    expect(await status('/chat')).toBe(404);
    expect(await status('/healthz', 'POST')).toBe(404);
  } finally {
    probes.close();
  }
});
