// A real Chromium without a window, and what it complains of. Debian's: installed by test/page/install.
import type { Context } from 'mocha';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { skipped } from '../cluster/current.ts';
import { programInPath } from '../support/executables.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Skips what asks for it where there is none. */
export async function theBrowser(context: Context): Promise<Browser> {
  return (await launch()) ?? skipped(context, 'it needs chromium: test/page/install');
}

/** undefined where there is none. */
export async function launch(): Promise<Browser | undefined> {
  const executablePath = programInPath(...NAMES);
  // Without a sandbox of its own, which root cannot have: it sees nothing but our own page.
  return executablePath === undefined
    ? undefined
    : chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

export interface OpenPage {
  page: Page;
  /** Errors on the console, exceptions nobody caught, and what the Content-Security-Policy has kept from happening. */
  complaints: string[];
}

/** That an answer was no success is what the page deals with; Chromium says it all the same. */
const NO_COMPLAINT = /^Failed to load resource: /;

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type()) && !NO_COMPLAINT.test(message.text());
    if (isComplaint) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** What has the focus, as its own text or its label's. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    const label =
      element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent;
    return (label ?? '').trim();
  });

/** Presses Tab until that has the focus. @throws with all that had it */
export async function tabTo(page: Page, text: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 100) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === text) return;
    passed.push(now);
  }
  throw new Error(`expected to come to ${JSON.stringify(text)}, got ${JSON.stringify(passed)}`);
}
