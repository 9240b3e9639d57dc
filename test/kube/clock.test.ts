// The one clock of the process: waits of any length, and dates that leap while elapsed time goes on.
import FakeTimers from '@sinonjs/fake-timers';
import { expect } from 'chai';
import { sleep, systemClock, untilDateMs } from '../../src/base/clock.ts';
import { after as clientAfter } from '../../src/client/sleep.ts';
import { browserClock } from '../../src/http/page/loop.js';

const DAY_MS = 24 * 3_600_000;
const CLOCKS = {
  "the server's": (ms: number, task: () => void) => systemClock.after(ms, task),
  "the client's": clientAfter,
  "the page's": (ms: number, task: () => void) => browserClock.after(ms, task),
};

describe('a wait', () => {
  let timers: ReturnType<typeof FakeTimers.install>;
  let fired: number[];
  beforeEach(() => {
    timers = FakeTimers.install({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    fired = [];
  });
  afterEach(() => timers.uninstall());
  const fire = () => fired.push(timers.now);

  for (const [whose, after] of Object.entries(CLOCKS)) {
    describe(`by ${whose} clock`, () => {
      for (const ms of [1, 2 ** 31 - 1, 2 ** 31, 2_147_484_000, 3_000_000_000, 365 * DAY_MS]) {
        it(`of ${String(ms)} ms takes that long`, () => {
          after(ms, fire);
          timers.tick(ms - 1);
          expect(fired).to.deep.equal([]);
          timers.tick(1);
          expect(fired).to.deep.equal([ms]);
          expect(timers.countTimers()).to.equal(0);
        });
      }

      it('of nothing, or less, is over at once', () => {
        for (const ms of [0, -1, -3_000_000_000, -Infinity]) after(ms, fire);
        timers.tick(1);
        expect(fired).to.have.length(4);
      });

      it('without an end never ends', () => {
        after(Infinity, fire);
        timers.tick(400 * DAY_MS);
        expect(fired).to.deep.equal([]);
      });

      it('of no number is a mistake, and not over at once', () => {
        expect(() => after(NaN, fire)).to.throw(RangeError, 'expected a wait in milliseconds, got NaN');
      });

      it('that is taken back ends in none of its stages', () => {
        const cancels = [1_000, 100 * DAY_MS].map((ms) => after(ms, fire));
        timers.tick(500);
        cancels[0]?.();
        timers.tick(60 * DAY_MS);
        cancels[1]?.();
        expect(timers.countTimers()).to.equal(0);
      });
    });
  }

  it('keeps its length when somebody sets the time meanwhile', async () => {
    const slept = sleep(systemClock, 10_000).then(fire);
    const begunMs = systemClock.elapsedMs();
    timers.setSystemTime(DAY_MS);
    expect(systemClock.elapsedMs()).to.equal(begunMs);
    await timers.tickAsync(9_999);
    expect(fired).to.deep.equal([]);
    await timers.tickAsync(1);
    await slept;
    expect(systemClock.elapsedMs() - begunMs).to.equal(10_000);
  });

  it('for a date is looked at again within a day, since the date may have been set', () => {
    expect(untilDateMs(systemClock, 5_000)).to.equal(5_000);
    expect(untilDateMs(systemClock, -5_000)).to.equal(0);
    expect(untilDateMs(systemClock, 300 * DAY_MS)).to.equal(DAY_MS);
  });
});
