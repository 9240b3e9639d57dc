import { expect } from 'chai';
import http from 'node:http';
import fc from 'fast-check';
import { preferencesIn } from '../../src/http/headers/prefer.ts';
import { REF, RUNNING, START, startPortico, type Portico } from './fixture.ts';

describe('Prefer: wait=N on /query', () => {
  const stopping = new AbortController();
  let portico: Portico;
  before(async () => {
    portico = await startPortico({ stopping: stopping.signal });
  });
  after(() => portico.listening.stop());

  async function started(): Promise<string> {
    const { json } = await portico.post('/start', START);
    return (json as { job_id: string }).job_id;
  }

  it('is applied, and answered when the time is over', async () => {
    const answer = await portico.post('/query', REF, { Prefer: 'respond-async, wait=0; x=y' });
    expect(answer.json).to.deep.equal(RUNNING);
    expect(answer.headers['preference-applied']).to.equal('wait=0');
  });

  it('is not said to be applied when it was not asked for', async () => {
    for (const headers of [{}, { Prefer: 'respond-async' }, { Prefer: 'waiting=1' }] as Record<
      string,
      string
    >[]) {
      expect((await portico.post('/query', REF, headers)).headers['preference-applied']).to.equal(undefined);
    }
  });

  for (const wait of [
    'wait',
    'wait=',
    'wait=-1',
    'wait=+1',
    'wait=1.5',
    'wait=1s',
    'wait=x',
    'wait="',
    'wait=1 2',
    '=5',
    ',;',
  ]) {
    it(`is passed over as ${wait}`, async () => {
      const { status, headers, json } = await portico.post('/query', REF, { Prefer: wait });
      expect(status).to.equal(200);
      expect(json).to.deep.equal(RUNNING);
      expect(headers['preference-applied']).to.equal(undefined);
    });
  }

  for (const wait of ['wait=60', 'wait=61', 'wait=871', `wait=${'9'.repeat(400)}`]) {
    it(`is kept as far as it goes: ${wait.slice(0, 20)}`, async () => {
      const jobId = await started();
      portico.service.finish(jobId);
      const ref = { ...REF, job_id: jobId };
      const { status, headers } = await portico.post('/query', ref, { Prefer: wait });
      expect(status).to.equal(200);
      expect(headers['preference-applied']).to.equal('wait=60');
    });
  }

  for (const header of [
    'wait="0"',
    'WAIT = 0',
    ' handling=strict;a="b, wait=9" , wait=0 ;x',
    'wait=0, wait=5',
    ',, wait=0',
  ]) {
    it(`is read in ${header}`, async () => {
      const { headers } = await portico.post('/query', REF, { Prefer: header });
      expect(headers['preference-applied']).to.equal('wait=0');
    });
  }

  for (const header of ['a="b, wait=0"', 'a="b, wait=0', 'wait=x, wait=0', 'handling=strict; wait=0']) {
    it(`is not read in ${header}`, async () => {
      const { headers } = await portico.post('/query', REF, { Prefer: header });
      expect(headers['preference-applied']).to.equal(undefined);
    });
  }

  it('is read from several headers', async () => {
    const body = JSON.stringify(REF);
    const answer = await portico.raw(
      `POST /query HTTP/1.1\r\nHost: localhost\r\nPrefer: respond-async\r\nPrefer: wait=0\r\nPrefer: wait=9\r\nConnection: close\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    );
    expect(answer).to.match(/^preference-applied: wait=0\r$/im);
  });

  it('is answered as soon as the job is done', async () => {
    const jobId = await started();
    const answer = portico.post('/query', { ...REF, job_id: jobId }, { Prefer: 'wait=60' });
    portico.service.onWait = () => portico.service.finish(jobId);
    expect((await answer).json).to.deep.equal({ done: true, error: false, error_text: '' });
  });

  it('does not keep a caller waiting whose job is done already', async () => {
    const jobId = await started();
    portico.service.finish(jobId);
    const { json, headers } = await portico.post('/query', { ...REF, job_id: jobId }, { Prefer: 'wait=60' });
    expect(json).to.deep.equal({ done: true, error: false, error_text: '' });
    expect(headers['preference-applied']).to.equal('wait=60');
  });

  it('ends when the caller goes away', async () => {
    const ended = new Promise<void>((resolve) => (portico.service.patienceEnded = resolve));
    const request = http.request({
      host: '127.0.0.1',
      port: portico.listening.port,
      method: 'POST',
      path: '/query',
      headers: { Prefer: 'wait=60' },
    });
    request.on('error', () => undefined);
    portico.service.onWait = () => request.destroy();
    request.end(JSON.stringify(REF));
    await ended;
  });

  it('is answered at once when the process is about to end, to all', async () => {
    let waiting = 0;
    portico.service.onWait = () => {
      waiting += 1;
      if (waiting === 20) stopping.abort();
    };
    const answers = Array.from({ length: 20 }, () => portico.post('/query', REF, { Prefer: 'wait=60' }));
    for (const { json } of await Promise.all(answers)) expect(json).to.deep.equal(RUNNING);
    expect((await portico.post('/query', REF, { Prefer: 'wait=60' })).json).to.deep.equal(RUNNING);
  });
});

describe('the preferences of a header', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]+$/);
  const value = fc.oneof(token, fc.string());
  const written = (text: string) => (/^[\w-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`);

  it('are read as they were written, the first of each name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(token, value, fc.constantFrom(',', ' , ', ',,', ' ;x="a,b" ,'))),
        (all) => {
          const header = all.map(([name, text, end]) => `${name}=${written(text)}${end}`).join('');
          const expected = new Map<string, string>();
          for (const [name, text] of all) {
            if (!expected.has(name.toLowerCase())) expected.set(name.toLowerCase(), text);
          }
          expect(preferencesIn(header)).to.deep.equal(expected);
        },
      ),
    );
  });

  it('are read from anything, in a time that grows with its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '=', '"', ',', ';', '\\', ' ') }), (header) => {
        expect(preferencesIn(header)).to.be.instanceOf(Map);
      }),
    );
    for (const part of ['a', ' ', '"', '\\', '=', ';', ',', 'a=" ', '"a"', 'a ']) {
      const began = performance.now();
      preferencesIn(`a=${part.repeat(16_000)}x`);
      expect(performance.now() - began, part).to.be.lessThan(500);
    }
  });
});
