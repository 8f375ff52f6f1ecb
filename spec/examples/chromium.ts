/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireServer } from '../support/servers';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where the screenshots of a run go. */
const SHOTS = join(__dirname, '../../reports/screenshots');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** A window with cookies and a memory of its own. */
export interface Visit {
  page: Page;
  /** What the pages wrote into the console as errors, and what they threw. */
  errors: string[];
  close(): Promise<void>;
}

/** Chromium, with a profile that is gone with it. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: requireServer('chromium'), args: FLAGS });
}

export async function openPage(browser: Browser): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  context.on('console', (message) => {
    // Chromium writes a line for every answer of 400 and more, and the page shows such on purpose.
    const isRefusal = /^Failed to load resource: the server responded with a status of 40[01] /.test(message.text());
    if (message.type() === 'error' && !isRefusal) errors.push(message.text());
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { page, errors, close: () => context.close() };
}

/** What axe-core finds in the page as it stands, in both colour schemes. */
export async function findBarriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // By the debugger's protocol, which no Content-Security-Policy stops.
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    found.push(...violations.map((each) => `${colorScheme}: ${each}`));
  }
  return found;
}

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** Screenshots of a page for people to look at, on a phone and on a desktop, light and dark. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await unstick(page);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** One part of a page, on a desktop in the light: the README shows one. */
export async function photographPart(page: Page, selector: string, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator(selector).screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** A bar that sticks to the window would lie across the middle of the picture. */
async function unstick(page: Page): Promise<void> {
  await page.evaluate(() => {
    const bar = document.querySelector<HTMLElement>('.bar');
    if (bar) bar.style.position = 'static';
  });
}

/** How far the page is wider than the window: nobody scrolls sideways on a phone. */
export async function overflowOf(page: Page, width: number): Promise<number> {
  await page.setViewportSize({ width, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.setViewportSize({ width: 1280, height: 900 });
  return overflow;
}
