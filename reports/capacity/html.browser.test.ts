/** Opens a sweep's page in a real Chromium, from a file, as a reader does. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sweep } from './capacity.ts';
import { concludeCapacity } from './conclude.ts';
import { renderCapacityHtml } from './html.ts';
import { sampleGeneratorLimited, sampleNoStep, sampleSweep } from './sample-sweep.fixture.ts';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';

let browser: Browser;
let folder = '';
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  folder = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** `complaints`: console messages, page errors, and requests other than the file itself. */
async function open(
  sweep: Sweep,
  viewing: { readonly javaScriptEnabled?: boolean } = {},
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const file = join(folder, 'capacity.html');
  await writeFile(file, renderCapacityHtml(concludeCapacity(sweep)));
  const context = await browser.newContext(viewing);
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const isOwn = request.url() === url || request.url().startsWith('data:');
    if (!isOwn) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

describe('a sweep’s page in a browser', () => {
  it.each([
    ['without a fault', sampleSweep],
    ['under a fault', sampleGeneratorLimited],
  ])('draws every curve %s, complains of nothing and asks for nothing', async (_name, sweep) => {
    const { page, complaints } = await open(sweep);
    await page.waitForSelector(':root[data-charts="drawn"]');
    for (const chart of ['latency', 'availability', 'cores', 'memory']) {
      expect(await page.locator(`#chart-${chart} svg path`).count(), chart).toBeGreaterThan(5);
    }
    expect(await page.locator('#chart-latency').textContent()).toContain('objective');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is readable without JavaScript', async () => {
    const { page, complaints } = await open(sampleSweep, { javaScriptEnabled: false });
    const text = await page.locator('body').innerText();
    expect(text).toContain('The charts need JavaScript.');
    expect(text).toContain('What this takes for granted');
    expect(await page.locator('.chart').first().isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('opens for a sweep without a step', async () => {
    const { page, complaints } = await open(sampleNoStep);
    expect(await page.locator('h1').textContent()).toContain('none');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
