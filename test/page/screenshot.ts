// Takes the picture of the README: node test/page/screenshot.ts FILE [light|dark] [WIDTHxHEIGHT]
import { openPage, launch } from './browser.ts';
import { openScene } from './scene.ts';

const [file = 'page.png', colorScheme = 'light', size = '1440x860'] = process.argv.slice(2);
const [width = 0, height = 0] = size.split('x').map(Number);
const browser = await launch();
if (!browser) throw new Error('expected chromium in PATH: test/page/install');
const scene = await openScene();
try {
  const { page } = await openPage(browser, `${scene.portico.url}/#/jobs/${scene.jobs.running}`, {
    colorScheme: colorScheme === 'dark' ? 'dark' : 'light',
    viewport: { width, height },
  });
  await page.getByRole('log').getByText('step 30 of').waitFor();
  await page.screenshot({ path: file });
} finally {
  await browser.close();
  await scene.end();
}
