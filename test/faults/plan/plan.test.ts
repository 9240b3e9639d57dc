// What a seed makes of a run.
import { expect } from 'chai';
import fc from 'fast-check';
import { Chance } from '../chance.ts';
import { ENDINGS, endingOf } from './endings.ts';
import { planJobs } from './jobs.ts';
import { type Episode, planFaults } from './schedule.ts';

const OPTIONS = { forMs: 120_000, replicas: 3, parts: ['etcd', 'kube-apiserver'] };
const seeds = fc.nat(2 ** 31 - 1);
const faultsOf = (seed: number, options = OPTIONS) => planFaults(new Chance(seed), options);
const jobsOf = (seed: number, count = 100) => planJobs(new Chance(seed), count, 60_000);
const endOf = ({ atMs, forMs }: Episode) => atMs + forMs;
/** Of all that makes one fault another. */
const kindOf = ({ disturbance }: Episode) =>
  disturbance.is === 'weather'
    ? `${disturbance.weather.fault.do} ${String('status' in disturbance.weather.fault && disturbance.weather.fault.status)}`
    : disturbance.is;

describe('the plan of a fault run', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(faultsOf(seed)).to.deep.equal(faultsOf(seed));
        expect(jobsOf(seed)).to.deep.equal(jobsOf(seed));
        expect(faultsOf(seed)).to.not.deep.equal(faultsOf((seed + 1) % 2 ** 31));
        expect(jobsOf(seed)).to.not.deep.equal(jobsOf((seed + 1) % 2 ** 31));
      }),
      { numRuns: 20 },
    );
  });

  it('has its faults one after the other, and no longer than it lasts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const episodes = faultsOf(seed);
        for (const [index, episode] of episodes.entries()) {
          const before = episodes[index - 1];
          if (before) expect(episode.atMs).to.be.at.least(endOf(before));
          expect(endOf(episode)).to.be.at.most(OPTIONS.forMs);
        }
      }),
    );
  });

  it('has every kind of fault in a run of a few minutes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const kinds = new Set(faultsOf(seed, { ...OPTIONS, forMs: 300_000 }).map(kindOf));
        expect(kinds).to.include.keys(
          ...['delay false', 'refuse 429', 'refuse 500', 'refuse 503', 'refuse 504', 'reset false'],
          ...['hang false', 'expire false', 'cut watches', 'connections refused', 'replica killed'],
          ...['replica ended', 'replica frozen', 'clock stepped', 'cluster part'],
        );
      }),
    );
  });

  it('never says 429 of what was done all the same', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const refusals = faultsOf(seed).flatMap(({ disturbance }) =>
          disturbance.is === 'weather' && disturbance.weather.fault.do === 'refuse'
            ? [disturbance.weather.fault]
            : [],
        );
        expect(refusals).to.not.be.empty;
        for (const { status, effect } of refusals) expect(status === 429 && effect).to.equal(false);
      }),
    );
  });

  it('has jobs of every kind, at an even pace', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const jobs = jobsOf(seed);
        expect(new Set(jobs.map(({ ending }) => ending))).to.have.keys(...Object.keys(ENDINGS));
        expect(jobs.map(({ atMs }) => atMs)).to.deep.equal(jobs.map((_, index) => index * 600));
        expect(jobs.map(({ number }) => number)).to.deep.equal(jobs.map((_, index) => index));
      }),
    );
  });

  it('repeats only starts that have a key', () => {
    for (const { keyed, repeats } of jobsOf(1, 1_000)) if (repeats > 0) expect(keyed).to.equal(true);
  });

  it('has something to say of the end of every kind of job', () => {
    for (const name of Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]) {
      const { own, act, acted = [] } = endingOf(name);
      expect(own !== undefined || acted.length > 0, name).to.equal(true);
      expect(acted.length > 0, name).to.equal(act !== undefined);
    }
  });
});
