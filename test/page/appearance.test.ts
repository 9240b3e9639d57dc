// How the page looks: light and dark, wide and narrow, and to who cannot see it.
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage, theBrowser } from './browser.ts';
import { openScene, type Scene } from './scene.ts';

const groundOf = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

describe('the looks of the page', () => {
  let browser: Browser;
  let scene: Scene;
  before(async function () {
    browser = await theBrowser(this);
    scene = await openScene();
  });
  after(async () => {
    await browser?.close();
    await scene?.end();
  });
  const open = async (options: BrowserContextOptions = {}, job: keyof Scene['jobs'] = 'running') => {
    const { page } = await openPage(browser, `${scene.portico.url}/#/jobs/${scene.jobs[job]}`, options);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('region', { name: /^Job / }).getByText(job, { exact: true }).waitFor();
    return page;
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 360]) {
      it(`are accessible, ${colorScheme}, ${String(width)} pixels wide`, async () => {
        // axe brings a script of its own.
        const page = await open(
          { colorScheme, viewport: { width, height: 900 }, bypassCSP: true },
          'pending',
        );
        await page.getByText(/^It waits: /).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        ).to.deep.equal([]);
        await page.getByRole('button', { name: 'Stop this job' }).click();
        const asked = await new AxeBuilder({ page }).include('dialog').analyze();
        expect(asked.violations.map(({ id }) => id)).to.deep.equal([]);
        await page.context().close();
      });
    }
  }

  it('are dark where the system is', async () => {
    const [light, dark] = [await open({ colorScheme: 'light' }), await open({ colorScheme: 'dark' })];
    const brightness = async (page: Page) => Number(/\d+/.exec(await groundOf(page))?.[0]);
    expect(await brightness(light)).to.be.greaterThan(200);
    expect(await brightness(dark)).to.be.lessThan(60);
    for (const page of [light, dark]) await page.context().close();
  });

  for (const width of [320, 640, 1024, 1440]) {
    it(`need no scrolling to the side, ${String(width)} pixels wide`, async () => {
      const page = await open({ viewport: { width, height: 800 } });
      const widths = async () => page.evaluate(() => document.documentElement.scrollWidth);
      expect(await widths()).to.equal(width);
      await page.getByRole('link', { name: 'Close' }).click();
      await page.getByRole('link', { name: scene.jobs.failed }).waitFor();
      expect(await widths()).to.equal(width);
      await page.context().close();
    });
  }

  it('show what has the focus', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    const outline = () =>
      page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(await outline()).to.equal('solid');
    await page.context().close();
  });

  it('move nothing for who wants that', async () => {
    for (const [reducedMotion, animation] of [
      ['no-preference', 'breathe'],
      ['reduce', 'none'],
    ] as const) {
      const page = await open({ reducedMotion });
      const name = await page.evaluate(() => {
        const place = document.getElementById('connection');
        if (!place) return '';
        place.dataset['is'] = 'lost';
        return getComputedStyle(place, '::before').animationName;
      });
      expect(name).to.equal(animation);
      await page.context().close();
    }
  });
});
