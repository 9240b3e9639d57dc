// The page while Portico is away, and when it is back.
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Portico } from '../support/portico.ts';
import { openPage, theBrowser } from './browser.ts';

describe('the page when Portico goes away', () => {
  let browser: Browser;
  let first: Portico;
  let second: Portico | undefined;
  before(async function () {
    browser = await theBrowser(this);
    first = await Portico.start();
  });
  after(async () => {
    await browser?.close();
    await second?.end('SIGTERM');
    await first?.stop();
  });

  it('says so, keeps what it shows, and goes on by itself when it is back', async () => {
    const before = await first.bash('sleep 1000');
    const { page, complaints } = await openPage(browser, `${first.url}/#/jobs/${before}`);
    const region = page.getByRole('region', { name: `Job ${before}` });
    await region.getByText('running', { exact: true }).waitFor();
    await first.end('SIGKILL');
    await page.getByText('Portico cannot be reached. Trying again').waitFor();
    await page.getByRole('row').filter({ hasText: before }).getByText('running').waitFor();
    second = await Portico.start({ stateDir: first.stateDir, args: [`--port=${new URL(first.url).port}`] });
    await page.getByText('Live', { exact: true }).waitFor();
    await region.getByText(/^worker lost/).waitFor();
    const after = await second.bash('sleep 1000');
    await page.getByRole('row').filter({ hasText: after }).getByText('running').waitFor();
    // A part of the page that has asked before Portico was ready asks again, and takes back what it said.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.problem')].every((problem) => !problem.checkVisibility()),
    );
    expect(complaints).to.deep.equal([]);
  });

  it('waits as long as it is told while Portico is not ready, and says why', async () => {
    const { page } = await openPage(browser, 'about:blank');
    let answers = 0;
    await page.route('**/jobs?watch*', async (route) => {
      if (answers++ > 0) return route.continue();
      return route.fulfill({
        status: 503,
        headers: { 'Retry-After': '1' },
        json: { error: 'not ready yet: try again' },
      });
    });
    await page.goto(`${(second ?? first).url}/`);
    await page.getByText('Not ready yet: try again. Trying again.').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });

  it('lets its connections go while nobody sees it, and takes them up again', async () => {
    const { page } = await openPage(browser, `${(second ?? first).url}/`);
    await page.getByText('Live', { exact: true }).waitFor();
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('watch=true'));
    const see = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await see(true);
    await ended;
    const again = page.waitForRequest((request) => request.url().includes('watch=true'));
    await see(false);
    expect((await again).headers()).to.have.property('last-event-id');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });
});
