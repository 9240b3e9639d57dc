// One line a request, and the id in it.
import { expect } from 'chai';
import { JOB_ID, recordingLog, REF, START, startPortico, type LogLine, type Portico } from './fixture.ts';

const OWN_ID = /^[\w-]{8}-[0-9a-z]+$/;
const requests = (lines: LogLine[]): LogLine[] => lines.filter((line) => line.msg === 'request');

describe('the log line of a request', () => {
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico();
  });
  afterEach(() => portico.listening.stop());

  it('says who asked for what and what came of it', async () => {
    const { json, headers } = await portico.post('/start?x=1', START, { 'X-Request-Id': 'abc.1:2/3+4=' });
    expect(headers['x-request-id']).to.equal('abc.1:2/3+4=');
    const [line, ...more] = requests(portico.lines);
    expect(more).to.be.empty;
    expect(line).to.include({
      level: 30,
      reqId: 'abc.1:2/3+4=',
      method: 'POST',
      path: '/start',
      status: 201,
    });
    expect(line).to.include({ worker: 'local', job: (json as { job_id: string }).job_id });
    expect(line?.ms).to.be.a('number');
    expect(line).to.not.have.any.keys('error', 'aborted');
  });

  it('says what was answered to an error, and about which job', async () => {
    await portico.post('/query', { ...REF, worker_id: 'nope' });
    expect(requests(portico.lines)[0]).to.include({
      status: 500,
      error: 'worker not found',
      worker: 'nope',
      job: JOB_ID,
    });
  });

  it('is short, whatever was sent', async () => {
    await portico.post(`/query/${'p'.repeat(5000)}`, {});
    await portico.post('/query', { worker_id: 'w'.repeat(5000), job_id: 'j'.repeat(5000) });
    for (const line of requests(portico.lines)) expect(JSON.stringify(line)).to.have.length.below(1000);
  });

  for (const id of ['', 'a b', 'x'.repeat(129), '"', 'é']) {
    it(`has an id of its own when X-Request-Id is ${JSON.stringify(id.slice(0, 9))}`, async () => {
      const { headers } = await portico.post('/query', REF, { 'X-Request-Id': id });
      expect(headers).to.not.have.property('x-request-id');
      expect(requests(portico.lines)[0]?.reqId).to.match(OWN_ID);
    });
  }

  it('has the id that goes back with an error, and another one each time', async () => {
    const answers = [await portico.post('/query', {}), await portico.post('/nope', {})];
    const ids = answers.map(({ headers }) => headers['x-request-id']);
    expect(ids[0]).to.match(OWN_ID);
    expect(ids[1]).to.match(OWN_ID).and.not.equal(ids[0]);
    expect(requests(portico.lines).map(({ reqId }) => reqId)).to.deep.equal(ids);
  });

  it('is of level debug for a query that is answered, and of info for one that is refused', async () => {
    await portico.post('/query', REF);
    await portico.post('/query?x=1', REF);
    await portico.post('/query', {});
    const levels = requests(portico.lines).map(({ level, status }) => [level, status]);
    expect(levels).to.deep.equal([
      [20, 200],
      [20, 200],
      [30, 400],
    ]);
  });

  it('is of level debug for probes', async () => {
    await portico.call({ method: 'GET', path: '/readyz' });
    expect(requests(portico.lines)[0]).to.include({ level: 20, path: '/readyz' });
  });

  it('is not written below the level that is logged', async () => {
    const { log, lines } = recordingLog('warn');
    const quiet = await startPortico({ log });
    expect((await quiet.post('/query', {})).headers['x-request-id']).to.match(OWN_ID);
    await quiet.listening.stop();
    expect(lines).to.be.empty;
  });
});
