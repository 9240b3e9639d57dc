// Somebody sets the machine's time while a replica runs: nothing is older or younger for that.
import { expect } from 'chai';
import type { Controller } from '../../src/controller/controller.ts';
import { silent } from '../../src/base/logger.ts';
import { controllerOn } from '../support/controller.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const HOUR_MS = 3_600_000;

for (const byHours of [2, -2]) {
  describe(`when the time is set by ${String(byHours)} h`, () => {
    let api: MemoryApi;
    let clock: FakeClock;
    let controller: Controller;
    let warnings: string[];
    let end: () => Promise<void>;
    beforeEach(async () => {
      api = new MemoryApi();
      api.put(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, jobOf());
      clock = fakeClock();
      warnings = [];
      controller = controllerOn({
        client: api,
        clock,
        log: { ...silent, warn: (_fields, message) => warnings.push(message) },
      });
      const stop = new AbortController();
      const running = controller.run(stop.signal);
      end = async () => {
        stop.abort();
        await running;
      };
      await clock.advance(10_000);
    });
    afterEach(() => end());

    it('a replica is ready, leads, and its answers are new', async () => {
      clock.setDate(byHours * HOUR_MS);
      expect(controller.notReadyReasons()).to.deep.equal([]);
      expect(await controller.jobService.query('local', JOB_ID)).to.not.have.property('ageMs');
      expect((await controller.jobViews.workers()).ageMs).to.equal(undefined);
      for (const { silentMs } of controller.metricsSource.watches()) expect(silentMs).to.be.within(0, 10_000);
      await clock.advance(30_000);
      expect(controller.metricsSource.isLeading()).to.equal(true);
      expect(warnings).to.deep.equal([]);
    });
  });
}
