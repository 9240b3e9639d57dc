// The page before a hundred thousand jobs: it shows some, and stays usable.
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { JobState } from '../../src/jobs/job-record.ts';
import { type Portico, startPortico } from '../http/fixture.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';
import { type OpenPage, openPage, theBrowser } from './browser.ts';

const JOBS = 100_000;
const nameOf = (number: number) => `job-${String(number).padStart(6, '0')}`;
const sketch = (number: number, state: JobState = 'succeeded') =>
  seen({ name: nameOf(number), createdAt: number, state });

describe('the page before 100,000 jobs', () => {
  let browser: Browser;
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  let open: OpenPage;
  let received: number;
  before(async function () {
    browser = await theBrowser(this);
    world = memoryReads();
    world.store.jobs.replace(Array.from({ length: JOBS }, (_, number) => sketch(number)));
    portico = await startPortico({ views: world.reads });
  });
  after(async () => {
    await browser?.close();
    await portico?.listening.stop();
  });
  beforeEach(async () => {
    open = await openPage(browser, 'about:blank');
    const session = await open.page.context().newCDPSession(open.page);
    received = 0;
    session.on('Network.dataReceived', ({ dataLength }) => (received += dataLength));
    await session.send('Network.enable');
    await open.page.goto(`http://127.0.0.1:${String(portico.listening.port)}/`);
    await open.page.getByText('The newest 100 are listed.').waitFor();
  });
  afterEach(() => open?.page.context().close());
  const rows = () => open.page.locator('#jobs-rows tr').count();

  it('reads and shows the newest alone', async () => {
    expect(await rows()).to.equal(100);
    // The page itself is the most of it; all jobs are 25 MB.
    expect(received).to.be.lessThan(300_000);
    await open.page.getByText('100000', { exact: true }).waitFor();
  });

  it('shows older ones for as long as somebody wants more, and then says how to find the others', async () => {
    const { page, complaints } = open;
    const older = page.getByRole('button', { name: 'Show older jobs' });
    for (let shown = 200; shown <= 1_000; shown += 100) {
      await older.click();
      await page.getByText(`The newest ${String(shown)} are listed.`).waitFor();
    }
    expect(await rows()).to.equal(1_000);
    expect(await older.isVisible()).to.equal(false);
    await page.getByText(/choose a worker or states, or open a job by its id/).waitFor();
    const names = await page.locator('#jobs-rows a').allTextContents();
    expect(names).to.deep.equal(Array.from({ length: 1_000 }, (_, at) => nameOf(JOBS - 1 - at)));
    expect(complaints).to.deep.equal([]);
  });

  it('stays bounded and answers while thousands come and change', async () => {
    const { page, complaints } = open;
    let next = JOBS;
    for (let round = 0; round < 20; round++) {
      for (let times = 0; times < 500; times++) {
        world.store.jobs.apply('ADDED', sketch(next, 'running'));
        world.store.jobs.apply('MODIFIED', sketch(next, 'failed'));
        next++;
      }
      await page.getByRole('link', { name: nameOf(next - 1) }).waitFor();
      expect(await rows()).to.be.at.most(200);
    }
    await page.getByRole('link', { name: nameOf(next - 1) }).click();
    await page.getByRole('heading', { name: `Job ${nameOf(next - 1)}` }).waitFor();
    await page.getByLabel('running').check();
    await page.getByText('No jobs.').waitFor();
    expect(complaints).to.deep.equal([]);
  });
});
