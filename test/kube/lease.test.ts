import { expect } from 'chai';
import { type FakeClock, fakeClock } from '../support/clock.ts';
import { Candidate } from './support/candidate.ts';
import { LeaseServer } from './support/lease-server.ts';

describe('leader election', () => {
  let server: LeaseServer;
  let clock: FakeClock;
  let candidates: Candidate[];
  beforeEach(() => {
    server = new LeaseServer();
    clock = fakeClock();
    candidates = [];
  });
  afterEach(async () => {
    for (const candidate of candidates) candidate.stop();
    await clock.advance(60_000);
    await Promise.all(candidates.map(({ running }) => running));
  });

  async function join(identity: string, offMs = 0): Promise<Candidate> {
    const candidate = new Candidate({ server, clock, identity, offMs });
    candidates.push(candidate);
    await clock.advance(0);
    return candidate;
  }
  /** How long until `happened`, looked at every 100 ms. */
  async function msUntil(happened: () => boolean): Promise<number> {
    for (let ms = 0; ms <= 60_000; ms += 100) {
      if (happened()) return ms;
      await clock.advance(100);
    }
    throw new Error('expected it to happen within a minute');
  }

  it('takes a lease that nobody holds at once, and makes it where there is none', async () => {
    const a = await join('a');
    expect(a.leads).to.equal(true);
    expect(server.lease?.spec).to.include({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    expect(server.lease?.spec?.renewTime).to.equal('2030-01-01T00:00:00.000000Z');
  });

  it('one leads, the others wait for as long as it renews', async () => {
    const [a, b] = [await join('a'), await join('b')];
    await clock.advance(600_000);
    expect([a.leads, b.leads]).to.deep.equal([true, false]);
    expect(a.terms).to.have.length(1);
  });

  it('one that stops hands over at once', async () => {
    const [a, b] = [await join('a'), await join('b')];
    a.stop();
    await a.running;
    expect(server.holder()).to.equal('');
    expect(await msUntil(() => b.leads)).to.be.below(1_000);
    expect(server.lease?.spec).to.include({
      holderIdentity: 'b',
      leaseTransitions: 1,
      leaseDurationSeconds: 15,
    });
  });

  it('keeps the lease until its last work is done', async () => {
    const [a, b] = [await join('a'), await join('b')];
    const work = Promise.withResolvers<void>();
    a.windUp = () => work.promise;
    a.stop();
    await clock.advance(60_000);
    expect([server.holder(), b.leads]).to.deep.equal(['a', false]);
    work.resolve();
    await a.running;
    expect(await msUntil(() => b.leads)).to.be.below(1_000);
  });

  it('one that is gone without a word is followed within its lease and a second', async () => {
    const [a, b] = [await join('a'), await join('b')];
    await clock.advance(10_000);
    a.line.line = 'hangs';
    expect(await msUntil(() => b.leads)).to.be.within(12_000, 16_000);
  });

  for (const line of ['down', 'hangs', 'deaf'] as const) {
    it(`one that cannot renew (${line}) ends its term before the next may begin`, async () => {
      const [a, b] = [await join('a', -3_600_000), await join('b', 86_400_000)];
      await clock.advance(20_000);
      a.line.line = line;
      while (!b.leads) {
        await clock.advance(100);
        expect(a.leads && b.leads).to.equal(false);
      }
      expect(a.terms[0]?.reason).to.have.property('name', 'LeaseLostError');
    });
  }

  it('an outage that is shorter than the deadline ends no term', async () => {
    const a = await join('a');
    await clock.advance(3_000);
    a.line.line = 'hangs';
    await clock.advance(6_000);
    a.line.line = 'fine';
    await clock.advance(30_000);
    expect([a.leads, a.terms.length]).to.deep.equal([true, 1]);
  });

  it('an answer that was lost is no loss of the lease', async () => {
    const a = await join('a');
    await clock.advance(1_000);
    a.line.line = 'deaf';
    await clock.advance(5_000);
    a.line.line = 'fine';
    await clock.advance(30_000);
    expect([a.leads, a.terms.length]).to.deep.equal([true, 1]);
  });

  it('one whose lease another one has taken stops at its next renewal', async () => {
    const a = await join('a');
    server.put({ ...server.lease, spec: { holderIdentity: 'somebody', leaseDurationSeconds: 15 } });
    expect(await msUntil(() => !a.leads)).to.be.below(2_500);
    expect(await msUntil(() => a.leads)).to.be.within(13_000, 16_000);
    expect(server.holder()).to.equal('a');
  });

  it('a lease that was deleted is lost, and not taken before its holder has noticed', async () => {
    const [a, b] = [await join('a'), await join('b')];
    await clock.advance(1_000);
    server.lease = undefined;
    for (let ms = 0; ms < 20_000; ms += 100) {
      await clock.advance(100);
      expect(a.leads && b.leads).to.equal(false);
    }
    expect(a.leads || b.leads).to.equal(true);
  });

  describe('whose namespace is being deleted', () => {
    const joinOwn = async (identity: string, isOfOwnNamespace = true) => {
      const candidate = new Candidate({ server, clock, identity, isOfOwnNamespace });
      candidates.push(candidate);
      await clock.advance(0);
      return candidate;
    };
    const goes = () => {
      server.lease = undefined;
      server.isTerminating = true;
    };

    it('all lead, for nobody can hold it, and the namespace may wait for what they do', async () => {
      const [a, b] = [await joinOwn('a'), await joinOwn('b')];
      goes();
      expect(await msUntil(() => a.leads && b.leads)).to.be.below(18_000);
      await clock.advance(60_000);
      expect([a.leads, b.leads]).to.deep.equal([true, true]);
    });

    it('one leads again when it is there again', async () => {
      const [a, b] = [await joinOwn('a'), await joinOwn('b')];
      goes();
      await msUntil(() => a.leads && b.leads);
      server.isTerminating = false;
      await clock.advance(5_000);
      expect([a.leads, b.leads].filter((leads) => leads)).to.deep.equal([true]);
      await clock.advance(60_000);
      expect([a.leads, b.leads].filter((leads) => leads)).to.deep.equal([true]);
    });

    it('one that is told to stop stops', async () => {
      const a = await joinOwn('a');
      goes();
      await msUntil(() => a.terms.length === 2);
      a.stop();
      await a.running;
      expect(server.lease).to.equal(undefined);
    });

    it('nobody leads whose work is elsewhere', async () => {
      const a = await joinOwn('a', false);
      goes();
      await msUntil(() => !a.leads);
      await clock.advance(60_000);
      expect(a.terms).to.have.length(1);
    });
  });

  it('one that comes back under its own name goes on at once', async () => {
    server.put({ metadata: { name: 'portico' }, spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } });
    expect((await join('a')).leads).to.equal(true);
  });

  it('waits as long as the holder asks, who may be configured otherwise', async () => {
    server.put({ metadata: { name: 'portico' }, spec: { holderIdentity: 'x', leaseDurationSeconds: 40 } });
    const a = await join('a');
    expect(await msUntil(() => a.leads)).to.be.within(40_000, 41_000);
  });

  it('is not kept from leading for ever by a lease that somebody has edited', async () => {
    const spec = { holderIdentity: 'nobody', leaseDurationSeconds: 2_147_483_647 };
    server.put({ metadata: { name: 'portico' }, spec });
    const a = await join('a');
    await clock.advance(299_000);
    expect(a.leads).to.equal(false);
    await clock.advance(3_000);
    expect(a.leads).to.equal(true);
  });

  it('is there again when the API server is', async () => {
    const candidate = new Candidate({ server, clock, identity: 'a' });
    candidates.push(candidate);
    candidate.line.line = 'down';
    await clock.advance(30_000);
    expect(candidate.leads).to.equal(false);
    candidate.line.line = 'fine';
    expect(await msUntil(() => candidate.leads)).to.be.below(1_000);
  });
});
