import { expect } from 'chai';
import { KeyReused } from '../../src/controller/errors.ts';
import { START, startPortico, type Portico } from './fixture.ts';

describe('Idempotency-Key on /start', () => {
  let portico: Portico;
  let keys: (string | undefined)[];
  beforeEach(async () => {
    portico = await startPortico();
    keys = [];
    const { service } = portico;
    const start = service.start.bind(service);
    service.start = (request, key) => {
      keys.push(key);
      return start(request, key);
    };
  });
  afterEach(() => portico.listening.stop());

  const start = (key: string) => portico.post('/start', START, { 'Idempotency-Key': key });

  it('is none when there is no such header', async () => {
    expect((await portico.post('/start', START)).status).to.equal(201);
    expect(keys).to.deep.equal([undefined]);
  });

  const READ: [header: string, key: string][] = [
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"a b, c; \\"d\\" \\\\e"', 'a b, c; "d" \\e'],
    ['"key";version=2', 'key'],
    ['YWJjZA+/==', 'YWJjZA+/=='],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ];
  for (const [header, key] of READ) {
    it(`${header.slice(0, 40)} is ${key.slice(0, 40)}`, async () => {
      expect((await start(header)).status).to.equal(201);
      expect(keys).to.deep.equal([key]);
    });
  }

  const WRONG = [
    '',
    '""',
    '"',
    '"open',
    'close"',
    '"a" "b"',
    '"a", "b"',
    'a,b',
    'a b',
    'a;b',
    '"a\\b"',
    'schl\u00fcssel',
    '"\u00fc"',
    `"${'x'.repeat(256)}"`,
    'x'.repeat(256),
  ];
  for (const header of WRONG) {
    it(`${JSON.stringify(header.slice(0, 20))} (${String(header.length)}) is refused`, async () => {
      const { status, json } = await start(header);
      expect(status).to.equal(400);
      expect(json)
        .to.have.property('error')
        .that.matches(/^expected Idempotency-Key to be .*, got /);
      expect(keys).to.deep.equal([]);
    });
  }

  it('that was used for another request is 422', async () => {
    portico.service.failure = new KeyReused('the Idempotency-Key was used for another request');
    const { status, json } = await start('"a"');
    expect([status, json]).to.deep.equal([
      422,
      { error: 'the Idempotency-Key was used for another request' },
    ]);
  });

  it('says nothing to the other calls', async () => {
    const headers = { 'Idempotency-Key': '' };
    const ref = { worker_id: 'local', job_id: [...portico.service.jobs.keys()][0] };
    expect((await portico.post('/query', ref, headers)).status).to.equal(200);
  });
});
