import { expect } from 'chai';
import { untilAborted } from '../../src/kube/guards/bound-client.ts';
import { fakeClock } from '../support/clock.ts';
import { failureOf } from './support/failure.ts';
import { LEASE_PATH, LeaseLine, LeaseServer } from './support/lease-server.ts';

describe('a client that is bound to a signal', () => {
  let end: AbortController;
  let line: LeaseLine;
  beforeEach(() => {
    end = new AbortController();
    const server = new LeaseServer();
    server.put({ metadata: { name: 'portico' } });
    line = new LeaseLine(server, fakeClock());
  });
  const get = (signal?: AbortSignal) =>
    untilAborted(line, end.signal).request({ path: LEASE_PATH, ...(signal && { signal }) });

  it('passes calls on', async () => {
    expect(await get()).to.have.nested.property('metadata.name', 'portico');
  });

  it('cuts off what is under way, and sends nothing any more', async () => {
    line.line = 'hangs';
    const cut = failureOf(get(), Error);
    end.abort(new Error('over'));
    expect(await cut).to.have.property('message', 'over');
    line.line = 'fine';
    expect(await failureOf(get(), Error)).to.have.property('message', 'over');
  });

  it('still heeds the signal of a call', async () => {
    line.line = 'hangs';
    const one = new AbortController();
    const cut = failureOf(get(one.signal), Error);
    one.abort(new Error('this one'));
    expect(await cut).to.have.property('message', 'this one');
  });
});
