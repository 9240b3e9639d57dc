// /healthz and /readyz.
import { expect } from 'chai';
import { startPortico, type Portico } from './fixture.ts';

describe('the probes', () => {
  const reasons: string[] = [];
  const missing: string[] = [];
  let portico: Portico;
  before(async () => {
    portico = await startPortico({ notReadyReasons: () => reasons, missingRights: () => missing });
  });
  after(() => portico.listening.stop());

  const get = (path: string, method = 'GET') => portico.call({ method, path });

  it('say ready when there is no reason against it', async () => {
    reasons.length = 0;
    const { status, json, headers } = await get('/readyz');
    expect({ status, json }).to.deep.equal({ status: 200, json: { ready: true, reasons: [] } });
    expect(headers).to.include({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  it('say not ready, and why, while the process is alive', async () => {
    reasons.push('jobs: not listed yet', 'stopping');
    const { status, json } = await get('/readyz');
    expect({ status, json }).to.deep.equal({
      status: 503,
      json: { ready: false, reasons: ['jobs: not listed yet', 'stopping'] },
    });
    expect((await get('/healthz')).status).to.equal(200);
  });

  it('name the rights that are missing, whether it is ready without them or not', async () => {
    missing.push('cannot create jobs: give ...');
    for (const [why, status] of [
      [[], 200],
      [['stopping'], 503],
    ] as const) {
      reasons.splice(0, Infinity, ...why);
      const { status: got, json } = await get('/readyz');
      expect(got).to.equal(status);
      expect(json).to.deep.equal({ ready: status === 200, reasons: why, missing_rights: missing });
    }
  });

  it('answer HEAD with the same status and no body', async () => {
    expect(await get('/readyz', 'HEAD')).to.include({ status: 503, text: '' });
    expect(await get('/healthz', 'HEAD')).to.include({ status: 200, text: '' });
  });
});
