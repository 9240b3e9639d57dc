// What callers hear while the cluster is away or busy.
import { expect } from 'chai';
import { NotSentError } from '../../src/kube/api-errors.ts';
import { JOB_ID, REF, RUNNING, START, startPortico, type Portico } from './fixture.ts';

describe('while the cluster is away', () => {
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico();
  });
  afterEach(() => portico.listening.stop());

  it('what was not even tried is 503, and when to come back', async () => {
    portico.service.failure = new NotSentError('the API server has not answered for a while', 7);
    for (const [path, body] of [
      ['/start', START],
      ['/stop', REF],
      ['/query', REF],
    ] as const) {
      const { status, headers, json } = await portico.post(path, body);
      expect([status, headers['retry-after']]).to.deep.equal([503, '7']);
      expect(json)
        .to.have.property('error')
        .that.matches(/try again/);
    }
  });

  it('an answer from memory says in whole seconds how old it is, and nothing more than ever', async () => {
    portico.service.jobs.set(JOB_ID, { ...RUNNING, ageMs: 12_900 });
    const { status, headers, json } = await portico.post('/query', REF);
    expect([status, headers['age'], json]).to.deep.equal([200, '12', RUNNING]);
  });

  it('an answer that is up to date has no age', async () => {
    expect((await portico.post('/query', REF)).headers).to.not.have.property('age');
  });
});
