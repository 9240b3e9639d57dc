// The page before a Portico that runs jobs: all that it is for, as somebody does it.
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { openPage, tabTo, theBrowser } from './browser.ts';
import { HOSTILE, isIn, openScene, type Scene } from './scene.ts';

describe('the page in a browser', () => {
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
  const start = async (script: string, worker_id = 'batch'): Promise<string> => {
    const body = { worker_id, command: 'bash', path: '-c', args: [script] };
    return (await scene.portico.post('/start', body)).body['job_id'] as string;
  };
  const open = (hash = '') => openPage(browser, `${scene.portico.url}/${hash}`);

  it('shows the pools with their nodes and counts, and each job with its state and error', async () => {
    const { page, complaints } = await open();
    await page.getByText('Live', { exact: true }).waitFor();
    for (const [job, state, error] of [
      ['running', 'running', ''],
      ['pending', 'pending', ''],
      ['stopping', 'stopping', ''],
      ['succeeded', 'succeeded', ''],
      ['failed', 'failed', 'exit status 3'],
      ['killed', 'failed', 'signal: segmentation fault'],
      ['stopped', 'stopped', 'signal: killed'],
    ] as const) {
      const row = page.getByRole('row').filter({ hasText: scene.jobs[job] });
      await row.getByText(state, { exact: true }).waitFor();
      expect(await row.getByRole('cell').last().textContent(), job).to.equal(error);
    }
    const pool = page.getByRole('region', { name: 'Pools' }).getByRole('row').filter({ hasText: 'gpu' });
    expect(await pool.getByRole('cell').first().textContent()).to.equal('1 ready');
    expect(await pool.getByRole('link').allTextContents()).to.deep.equal([
      'gpu',
      '1',
      '1',
      '0',
      '0',
      '0',
      '0',
    ]);
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('sees a job come, run and end, without being asked', async () => {
    const { page, complaints } = await open();
    await page.getByText('Live', { exact: true }).waitFor();
    const go = `${scene.portico.stateDir}/go`;
    const jobId = await start(`until [ -e ${go} ]; do sleep 0.1; done; exit 4`);
    const row = page.getByRole('row').filter({ hasText: jobId });
    await row.getByText('running').waitFor();
    await page
      .getByRole('region', { name: 'Pools' })
      .getByRole('row', { name: /^batch 1 ready 0 1 / })
      .waitFor();
    await writeFile(go, '');
    await row.getByText('failed').waitFor();
    await row.getByText('exit status 4').waitFor();
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('says why a job waits', async () => {
    const { page } = await open(`#/jobs/${scene.jobs.pending}`);
    await page.getByText(/^It waits: no node of pool gpu has .* free cpus$/).waitFor();
    await page.context().close();
  });

  it('follows a log, keeps to its end, and lets somebody read further up', async () => {
    const { page, complaints } = await open(`#/jobs/${scene.jobs.running}`);
    const log = page.getByRole('log');
    await log.getByText(/step 1 of the training/).waitFor();
    const textOf = async () => (await log.textContent()) ?? '';
    const before = (await textOf()).length;
    await page.waitForFunction(
      (length) => (document.getElementById('log')?.textContent.length ?? 0) > length,
      before,
    );
    const keeps = page.getByLabel('Keep to the end');
    expect(await keeps.isChecked()).to.equal(true);
    await page.waitForFunction(() => (document.getElementById('log')?.scrollTop ?? 0) > 200);
    await log.press('Home');
    await page.waitForFunction(() => document.getElementById('log')?.scrollTop === 0);
    await page.waitForFunction(
      (text) => document.getElementById('log')?.textContent !== text,
      await textOf(),
    );
    expect(await log.evaluate((element) => element.scrollTop)).to.equal(0);
    expect(await keeps.isChecked()).to.equal(false);
    await keeps.check();
    await page.waitForFunction(() => (document.getElementById('log')?.scrollTop ?? 0) > 200);
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('shows the end of a job that is looked at: its state, its log, and no button to stop it', async () => {
    const { page } = await open(`#/jobs/${scene.jobs.failed}`);
    await page.getByRole('log').getByText('no such input: /data/2030-01-01.csv').waitFor();
    await page.getByText('The log has ended.').waitFor();
    await page.getByRole('definition').filter({ hasText: /^3$/ }).waitFor();
    expect(await page.title()).to.match(/^failed · bash -c .*exit 3" · Portico$/);
    expect(await page.getByRole('button', { name: 'Stop this job' }).isVisible()).to.equal(false);
    await page.context().close();
  });

  it('stops a job by the keyboard alone, after it was asked whether to', async () => {
    const jobId = await start('trap "exit 0" TERM; while :; do sleep 0.1; done');
    await isIn(scene.portico, jobId, 'running');
    const { page, complaints } = await open();
    await page.getByRole('link', { name: jobId }).waitFor();
    await tabTo(page, jobId);
    await page.keyboard.press('Enter');
    const button = page.getByRole('button', { name: 'Stop this job' });
    await button.waitFor();
    await tabTo(page, 'Stop this job');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Stop this job?' });
    await dialog.getByText(jobId).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect((await scene.portico.query(jobId, 'batch'))['done']).to.equal(false);
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo(page, 'Stop it');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: `Job ${jobId}` })
      .getByText('stopped', { exact: true })
      .waitFor();
    expect(await scene.portico.query(jobId, 'batch')).to.deep.equal({
      done: true,
      error: true,
      error_text: 'signal: killed',
    });
    await tabTo(page, 'Close');
    await page.keyboard.press('Enter');
    // The focus is back where it came from.
    await page.waitForFunction((id) => document.activeElement?.textContent === id, jobId);
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('runs nothing of what jobs are called, print and fail with: it is text', async () => {
    const { page, complaints } = await open(`#/jobs/${scene.jobs.hostile}`);
    await page.getByRole('log').getByText(HOSTILE).waitFor();
    await page
      .getByRole('definition')
      .filter({ hasText: HOSTILE.slice(0, 9) })
      .first()
      .waitFor();
    const row = page.getByRole('row').filter({ hasText: scene.jobs.hostileCommand });
    expect(await row.getByRole('cell').last().textContent()).to.match(/^exec: "<img src=x .*<\/script>/);
    // On a worker of such a name there is nothing, and that is all.
    await page.getByLabel('Worker').fill(HOSTILE);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('No jobs.').waitFor();
    await page.goto(`${scene.portico.url}/#/jobs/${encodeURIComponent(HOSTILE)}`);
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
    await page.getByText('Job not found.').waitFor();
    expect(await page.evaluate(() => 'hacked' in window)).to.equal(false);
    expect(await page.locator('img, body script').count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('would not run a script, an inline one or one that a text becomes, if there were one', async () => {
    const { page, complaints } = await open();
    const refused = await page.evaluate(() => {
      const script = document.createElement('script');
      script.append('window.hacked = 1');
      try {
        document.body.append(script);
        document.body.innerHTML = '<p>';
      } catch (error) {
        return String(error);
      }
      return '';
    });
    expect(refused).to.match(/TrustedHTML/);
    expect(await page.evaluate(() => 'hacked' in window)).to.equal(false);
    expect(complaints).to.not.deep.equal([]);
    await page.context().close();
  });

  it('lists the jobs of a worker and of states, by a link', async () => {
    const { page } = await open();
    await page.getByRole('region', { name: 'Pools' }).getByRole('link', { name: 'batch' }).click();
    await page.getByText(/all that there are/).waitFor();
    await page.getByLabel('succeeded').check();
    await page.waitForFunction(() => location.hash === '#/?worker=batch&state=succeeded');
    await page.getByRole('link', { name: scene.jobs.failed }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: scene.jobs.succeeded }).click();
    await page.reload();
    await page.getByRole('row').filter({ hasText: scene.jobs.succeeded }).waitFor();
    expect(await page.getByLabel('succeeded').isChecked()).to.equal(true);
    await page.goBack();
    await page.getByRole('heading', { name: /^Job / }).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: scene.jobs.failed }).waitFor();
    await page.context().close();
  });

  it('opens a job by its id', async () => {
    const { page } = await open();
    await page.getByLabel('Job id').fill(` ${scene.jobs.killed} `);
    await page.keyboard.press('Enter');
    await page.getByRole('definition').filter({ hasText: 'SIGSEGV' }).waitFor();
    await page.context().close();
  });
});
