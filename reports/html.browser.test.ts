/**
 * Opens rendered reports in a real Chromium, from a file, as a reader does.
 * `CHROMIUM_BIN` names the browser; without it, Debian's place for it is tried.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { renderHtml, type HtmlInput } from './html.ts';
import { sampleFailure, sampleInput, sampleNothing } from './sample-run.fixture.ts';
import { sampleEmptySeries } from './sample-series.fixture.ts';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DESKTOP = { width: 1_280, height: 800 };
/** A small telephone, in CSS pixels. */
const TELEPHONE = { width: 360, height: 740 };

/** A page takes 2 s on two busy cores; a hang is not that. */
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let folder = '';
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  folder = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Console messages, page errors, and requests other than the file itself. */
  readonly complaints: readonly string[];
}

interface Viewing {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
}

async function open(input: HtmlInput, viewing: Viewing = {}): Promise<Opened> {
  const file = join(folder, 'report.html');
  await writeFile(file, renderHtml(input));
  const context = await browser.newContext({ viewport: DESKTOP, ...viewing });
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  await page.goto(url);
  if (viewing.javaScriptEnabled !== false && input.series.offered.length > 0) {
    await page.waitForSelector(':root[data-charts="drawn"]');
  }
  return { page, complaints };
}

const pathsIn = (page: Page, chart: string): Promise<number> =>
  page.locator(`#chart-${chart} svg path`).count();

describe('the report in a browser', () => {
  it('draws every chart, complains of nothing and asks the network for nothing', async () => {
    const { page, complaints } = await open(sampleInput);
    for (const chart of ['rates', 'latency', 'availability', 'sockets', 'cores', 'memory']) {
      expect(await pathsIn(page, chart), chart).toBeGreaterThan(5);
    }
    await expect(page.locator('#chart-rates').textContent()).resolves.toContain('kill-server');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows verdict, reasons and figures in the first screen', async () => {
    const { page } = await open({ ...sampleInput, verdict: sampleFailure });
    for (const selector of ['#verdict', '.reasons', '.figures > div:last-child .note']) {
      const box = await page.locator(selector).boundingBox();
      expect(box, selector).not.toBeNull();
      expect((box?.y ?? Infinity) + (box?.height ?? 0), selector).toBeLessThan(DESKTOP.height);
    }
    expect(await page.locator('#verdict').textContent()).toMatch(/FAIL\s+It lost 3 messages/);
    await page.context().close();
  });

  it('reads the values of all charts at the pointer, and looks closer at one fault', async () => {
    const { page, complaints } = await open(sampleInput);
    const legend = page.locator('[data-legend="sockets"]').first();
    const atRest = await legend.textContent();
    await page.locator('#chart-rates').hover({ position: { x: 300, y: 60 } });
    await page.waitForFunction(
      `document.getElementById('chart-time').textContent.startsWith('at ')`,
    );
    expect(await legend.textContent()).toBe('20\u202f000');
    await page.mouse.move(5, 5);
    await page.waitForFunction(
      `document.getElementById('chart-time').textContent.startsWith('point')`,
    );
    expect(await legend.textContent()).toBe(atRest);
    await page.getByRole('button', { name: '2 kill-server' }).click();
    const ticks = await page.locator('#chart-rates svg text').allTextContents();
    expect(ticks).toContain('4:00');
    expect(ticks).not.toContain('1:00');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('follows the colour scheme, the charts too', async () => {
    const { page } = await open(sampleInput, { colorScheme: 'light' });
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const lightPaper = await paper();
    await expect(page.locator('#chart-rates path[stroke="#1f62ad"]').count()).resolves.toBe(1);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForSelector('#chart-rates path[stroke="#6aaaf0"]', { state: 'attached' });
    expect(await paper()).not.toBe(lightPaper);
    await page.context().close();
  });

  it('does not scroll sideways on a telephone', async () => {
    const { page } = await open(sampleInput, { viewport: TELEPHONE });
    const width = await page.evaluate<number>(`document.documentElement.scrollWidth`);
    expect(width).toBeLessThanOrEqual(TELEPHONE.width);
    await page.context().close();
  });

  it('prints on white paper within its width, with nothing folded away, from the dark scheme too', async () => {
    const { page } = await open(sampleInput, { colorScheme: 'dark' });
    await page.evaluate<boolean>(`dispatchEvent(new Event('beforeprint'))`);
    expect(await page.locator('details:not([open])').count()).toBe(0);
    const paper = await page.evaluate<string>(
      `getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()`,
    );
    expect(paper).toBe('#fcfcfa');
    const drawn = await page.locator('#chart-rates svg').boundingBox();
    expect(drawn?.width).toBeLessThanOrEqual(690);
    await page.evaluate<boolean>(`dispatchEvent(new Event('afterprint'))`);
    expect(await page.locator('details[open]').count()).toBe(0);
    await page.context().close();
  });

  it('is readable without JavaScript', async () => {
    const { page, complaints } = await open(sampleInput, { javaScriptEnabled: false });
    const text = await page.locator('body').innerText();
    expect(text).toContain('The charts need JavaScript.');
    expect(text).toContain('99.803\u202f%');
    expect(await page.locator('.chart').first().isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('opens for a run that left nothing', async () => {
    const { page, complaints } = await open({
      verdict: sampleNothing,
      series: sampleEmptySeries,
      environment: {},
    });
    expect(await page.locator('h1').textContent()).toContain('INCONCLUSIVE');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
