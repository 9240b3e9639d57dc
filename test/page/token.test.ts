// The page where callers have to say who they are, and may do what their rights say.
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { TokenCallers } from '../../src/callers/token-callers.ts';
import { type Portico, startPortico } from '../http/fixture.ts';
import { systemClock } from '../../src/base/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';
import { ReviewApi } from '../support/review-api.ts';
import { type OpenPage, openPage, tabTo, theBrowser } from './browser.ts';

const READER = 'system:serviceaccount:ops:reader';
const OWNER = 'system:serviceaccount:ops:owner';

describe('the page for callers with tokens', () => {
  let browser: Browser;
  let api: ReviewApi;
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  let stopped: string[];
  let open: OpenPage;
  before(async function () {
    browser = await theBrowser(this);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    api = new ReviewApi();
    for (const [token, username] of [
      ['reader', READER],
      ['owner', OWNER],
    ] as const) {
      api.tokens.set(token, { audiences: ['portico'], user: { username } });
      for (const right of ['list workers', 'list workers/jobs', 'watch workers/jobs', 'get workers/jobs'])
        api.rights.add(`${username} ${right} *`);
      api.rights.add(`${username} get workers/logs *`);
    }
    api.rights.add(`${OWNER} delete workers/jobs local`);
    world = memoryReads();
    world.api.put(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, jobOf());
    world.store.jobs.replace([seen({ name: JOB_ID })]);
    portico = await startPortico({
      views: world.reads,
      callers: new TokenCallers({
        client: api,
        audience: 'portico',
        namespace: NAMESPACE,
        clock: systemClock,
      }),
    });
    stopped = [];
    portico.service.stop = (workerId, jobId) => {
      stopped.push(`${workerId} ${jobId}`);
      world.store.jobs.apply('MODIFIED', seen({ name: jobId, state: 'stopping' }));
      return Promise.resolve();
    };
    open = await openPage(browser, `http://127.0.0.1:${String(portico.listening.port)}/#/jobs/${JOB_ID}`);
  });
  afterEach(async () => {
    await open?.page.context().close();
    await portico?.listening.stop();
  });
  const bring = async (token: string) => {
    await open.page.getByLabel('ServiceAccount token made for Portico').fill(token);
    await open.page.keyboard.press('Enter');
  };
  const stopButton = () => open.page.getByRole('button', { name: 'Stop this job' });

  it('asks for a token, says what is wrong with one, and reads with a good one', async () => {
    const { page, complaints } = open;
    await page.getByText('Not signed in').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'token-text');
    await bring('two words');
    await page.getByText(/^Expected a token: letters, digits/).waitFor();
    await bring('rubbish');
    await page
      .getByText('Expected a token of this cluster for the audience "portico", got one that is no JWT.')
      .waitFor();
    await bring('reader');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('row').filter({ hasText: JOB_ID }).getByText('running').waitFor();
    expect(await page.getByLabel('ServiceAccount token made for Portico').isVisible()).to.equal(false);
    expect(complaints).to.deep.equal([]);
  });

  it('is for reading without the right to stop', async () => {
    await bring('reader');
    await open.page.getByText('You may look at this job, and not stop it.').waitFor();
    expect(await stopButton().isVisible()).to.equal(false);
  });

  it('stops a job with the right to', async () => {
    const { page, complaints } = open;
    await bring('owner');
    await stopButton().waitFor();
    await tabTo(page, 'Stop this job');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Stop it');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: `Job ${JOB_ID}` })
      .getByText('stopping', { exact: true })
      .waitFor();
    expect(stopped).to.deep.equal([`local ${JOB_ID}`]);
    expect(complaints).to.deep.equal([]);
  });

  it('stops a job once when it is asked to again as soon as it was told not to', async () => {
    const { page } = open;
    await bring('owner');
    await stopButton().waitFor();
    await page.evaluate(() => {
      for (const id of ['stop', 'stop-no', 'stop', 'stop-no', 'stop']) document.getElementById(id)?.click();
    });
    await page.getByRole('button', { name: 'Stop it' }).click();
    await page.locator('#job-state').getByText('stopping').waitFor();
    expect(stopped).to.deep.equal([`local ${JOB_ID}`]);
  });

  it('says why a job was not stopped', async () => {
    const { page } = open;
    await bring('owner');
    await stopButton().click();
    portico.service.stop = () => Promise.reject(new Error('inside'));
    await page.getByRole('button', { name: 'Stop it' }).click();
    await page.getByText('Internal error.').waitFor();
  });

  it('keeps the token for this tab alone, and forgets it when told to', async () => {
    const { page } = open;
    await bring('reader');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
    expect(kept).to.deep.equal([0, 1, '']);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByText('Not signed in').waitFor();
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByText('Not signed in').waitFor();
    await page.getByRole('link', { name: JOB_ID }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => sessionStorage.length)).to.equal(0);
  });

  it('says which right is missing, and what can be done without it', async () => {
    const { page } = open;
    for (const right of [...api.rights]) if (right.includes('watch')) api.rights.delete(right);
    api.rights.add(`${READER} watch workers/jobs local`);
    await bring('reader');
    await page.getByText(/^Expected the right to watch workers\/jobs in namespace jobs/).waitFor();
    await page.getByText('Not live').waitFor();
    await page.getByRole('link', { name: 'local', exact: true }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: JOB_ID }).waitFor();
  });
});
