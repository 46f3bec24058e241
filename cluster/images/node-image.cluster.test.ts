/** What is in the image that runs the chat server, and what must not be. */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ensureImage } from './ensure-image.ts';

test('the image of the chat server holds it, and nothing that breaks or tests it', async () => {
  const image = await ensureImage('node', () => undefined);
  const list = ['find', '/app/reference-server', '/app/cluster', '-type', 'f'];
  const { stdout } = await execa('docker', ['run', '--rm', '--network', 'none', image, ...list]);
  const files = stdout.split('\n');
  expect(files).toContain('/app/reference-server/main.ts');
  expect(files).toContain('/app/cluster/guard/main.ts');
  expect(files.filter((file) => /sabotag|\.test\.|\/testing\//.test(file))).toEqual([]);
});
