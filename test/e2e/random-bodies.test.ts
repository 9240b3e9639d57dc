// Whatever is sent to the three routes, the answer is JSON, is one of the contract's, and the process goes on.
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { pino } from 'pino';
import { REF, START, startPortico, type Portico } from '../http/fixture.ts';

const BODIES = 10_000;
const AT_ONCE = 16;
const ROUTES = ['/start', '/stop', '/query'];
const STATUSES = [200, 201, 400, 413, 415, 500];
const CONTRACT_500 = ['worker not found', 'job not found'];

interface Sent {
  bytes: Buffer;
  type: string | undefined;
  coding: string | undefined;
}

const valid = { ...START, ...REF, args: ['a'], env: { A: 'b' }, timeout_seconds: 5 };
const field = fc.constantFrom(...Object.keys(valid), '__proto__', 'constructor');
const mutated = fc
  .tuple(field, fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
  .map(([name, value]) => JSON.stringify(Object.fromEntries([...Object.entries(valid), [name, value]])));
const flipped = fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]) => {
  const bytes = Buffer.from(JSON.stringify(valid));
  bytes[at % bytes.length] = byte;
  return bytes;
});
const cut = fc.nat().map((at) => JSON.stringify(valid).slice(0, at % 200));
const plain = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary' }),
  fc.json(),
  mutated,
  flipped,
  cut,
);
const sent: fc.Arbitrary<Sent> = fc.record({
  bytes: plain.map((body) => Buffer.from(body as string)),
  type: fc.constantFrom(
    undefined,
    'application/json',
    'text/plain; charset=utf-16',
    'application/x-www-form-urlencoded',
    ';',
  ),
  coding: fc.constantFrom(...new Array<undefined>(9).fill(undefined), 'gzip', 'deflate', 'br', 'x'),
});
const zipped = sent.map((one) => (one.coding === 'gzip' ? { ...one, bytes: gzipSync(one.bytes) } : one));

describe('random bodies', () => {
  let portico: Portico;
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  before(async () => {
    portico = await startPortico({ log: pino({ enabled: false }) });
  });
  after(async () => {
    agent.destroy();
    await portico.listening.stop();
  });

  async function post(path: string, { bytes, type, coding }: Sent) {
    const headers = {
      ...(type === undefined ? {} : { 'Content-Type': type }),
      ...(coding === undefined ? {} : { 'Content-Encoding': coding }),
    };
    const request = http.request({
      port: portico.listening.port,
      host: '127.0.0.1',
      method: 'POST',
      path,
      headers,
      agent,
    });
    request.end(bytes);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      type: response.headers['content-type'],
      body: await text(response),
    };
  }

  async function isOfTheContract(path: string, body: Sent): Promise<void> {
    const answer = await post(path, body);
    expect(answer.status, answer.body).to.be.oneOf(STATUSES);
    expect(answer.type).to.match(/^application\/json/);
    const json = JSON.parse(answer.body) as { error?: unknown };
    if (answer.status < 400) return;
    expect(json).to.have.all.keys('error');
    expect(json.error).to.be.a('string').with.length.within(1, 1000);
    if (answer.status === 500) expect(json.error).to.be.oneOf(CONTRACT_500);
  }

  for (const path of ROUTES) {
    it(`to ${path}: ${String(BODIES)} of them`, async function () {
      this.timeout(120_000);
      const batches = fc.array(zipped, { minLength: AT_ONCE, maxLength: AT_ONCE });
      await fc.assert(
        fc.asyncProperty(batches, async (batch) => {
          await Promise.all(batch.map((body) => isOfTheContract(path, body)));
        }),
        { numRuns: BODIES / AT_ONCE },
      );
      expect((await portico.post('/query', REF)).status).to.equal(200);
    });
  }
});
