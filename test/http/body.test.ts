// How a body is read: any Content-Type, some encodings, limits, and nonsense.
import { once } from 'node:events';
import net from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { REF, startPortico, type Portico } from './fixture.ts';

const LIMIT = 20_000;
const NOT_JSON = 'expected the body to be a JSON object, got text that is not JSON';
const NOT_UTF8 = 'expected the body to be UTF-8, got other bytes (U+FFFD itself is written \\ufffd)';

describe('a body', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico({ bodyLimitBytes: LIMIT });
  });
  after(() => portico.listening.stop());

  const query = (body: string | Buffer, headers: Record<string, string> = {}) =>
    portico.call({ path: '/query', body, headers });
  const valid = JSON.stringify(REF);

  for (const type of [
    undefined,
    'application/x-www-form-urlencoded',
    'text/plain',
    'text/plain; charset=latin1',
    'application/json; charset=utf-8',
    'application/json;',
    'multipart/form-data; boundary=x',
    'nonsense',
    '',
  ]) {
    it(`is JSON with the Content-Type ${JSON.stringify(type) ?? 'left out'}`, async () => {
      const { status } = await query(valid, type === undefined ? {} : { 'Content-Type': type });
      expect(status).to.equal(200);
    });
  }

  it('may come in chunks, with a byte order mark, and with white space around it', async () => {
    expect((await query(`\uFEFF \r\n${valid}\n`, { 'Transfer-Encoding': 'chunked' })).status).to.equal(200);
  });

  it('may have a byte order mark in any encoding', async () => {
    for (const [coding, encode] of Object.entries({ ...encoders, identity: (bytes: Buffer) => bytes })) {
      const { status } = await query(encode(Buffer.from(`\uFEFF${valid}`)), { 'Content-Encoding': coding });
      expect(status, coding).to.equal(200);
    }
  });

  it('is refused with two byte order marks, and with one that is not at its beginning', async () => {
    for (const body of [`\uFEFF\uFEFF${valid}`, ` \uFEFF${valid}`]) {
      expect((await query(body)).json).to.deep.equal({ error: NOT_JSON });
      expect((await query(gzipSync(body), { 'Content-Encoding': 'gzip' })).json).to.deep.equal({
        error: NOT_JSON,
      });
    }
  });

  const encoders = { gzip: gzipSync, 'X-Gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync };
  for (const [coding, encode] of Object.entries(encoders)) {
    it(`may be encoded as ${coding}`, async () => {
      expect((await query(encode(valid), { 'Content-Encoding': coding })).status).to.equal(200);
    });

    it(`is refused when it says ${coding} and is not`, async () => {
      const { status, json } = await query(valid, { 'Content-Encoding': coding });
      expect(status).to.equal(400);
      expect(json).to.deep.equal({
        error: 'expected the body to be encoded as its Content-Encoding says, got other bytes',
      });
    });

    it(`is refused when ${coding} of it is cut short`, async () => {
      const bytes = encode(valid);
      expect((await query(bytes.subarray(0, -9), { 'Content-Encoding': coding })).status).to.equal(400);
    });

    it(`is 413 when ${coding} hides more than the limit`, async () => {
      const bomb = encode(Buffer.alloc(LIMIT * 500, ' '));
      expect((await query(bomb, { 'Content-Encoding': coding })).status).to.equal(413);
    });
  }

  it('may say that it is not encoded', async () => {
    expect((await query(valid, { 'Content-Encoding': 'Identity' })).status).to.equal(200);
  });

  for (const coding of ['zstd', 'gzip, gzip', '__proto__']) {
    it(`is 415 with the Content-Encoding ${coding}`, async () => {
      const { status, headers, json } = await query(valid, { 'Content-Encoding': coding });
      expect(status).to.equal(415);
      expect(headers['accept-encoding']).to.equal('gzip, deflate, br');
      expect(json).to.deep.equal({
        error: `expected Content-Encoding to be gzip, deflate or br, got "${coding}"`,
      });
    });
  }

  const wrong: [what: string, body: string | Buffer, text: string][] = [
    ['empty', '', 'expected the body to be a JSON object, got an empty body'],
    ['white space', ' \n', NOT_JSON],
    ['cut short', valid.slice(0, -1), NOT_JSON],
    ['a form', 'worker_id=local&job_id=1', NOT_JSON],
    ['an array', '[]', 'expected the body to be a JSON object, got array'],
    ['a text', '"x"', 'expected the body to be a JSON object, got string'],
    ['null', 'null', 'expected the body to be a JSON object, got null'],
    ['latin1', Buffer.from(JSON.stringify({ ...REF, job_id: 'é' }), 'latin1'), NOT_UTF8],
    [
      'a character cut in two',
      Buffer.concat([Buffer.from('"'), Buffer.from('é').subarray(0, 1), Buffer.from('"')]),
      NOT_UTF8,
    ],
    ['UTF-16', Buffer.from(valid, 'utf16le'), NOT_JSON],
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${valid}`, 'utf16le'), NOT_UTF8],
    ['a mark alone', '\uFEFF', 'expected the body to be a JSON object, got an empty body'],
  ];
  for (const [what, body, text] of wrong) {
    it(`is refused when it is ${what}, plain or encoded`, async () => {
      const plain = await query(body);
      expect({ status: plain.status, json: plain.json }).to.deep.equal({
        status: 400,
        json: { error: text },
      });
      const encoded = await query(gzipSync(body), { 'Content-Encoding': 'gzip' });
      expect({ status: encoded.status, json: encoded.json }).to.deep.equal({
        status: 400,
        json: { error: text },
      });
    });
  }

  it('may be as long as the limit, and one byte more is 413 with the connection in order', async () => {
    const padded = (length: number) => valid.padEnd(length);
    expect((await query(padded(LIMIT))).status).to.equal(200);
    for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }] as Record<string, string>[]) {
      const { status, json } = await query(padded(LIMIT + 1), headers);
      expect(status).to.equal(413);
      expect(json).to.deep.equal({ error: 'expected a body of at most 20000 bytes, got more' });
    }
    expect((await query(padded(LIMIT * 200))).status).to.equal(413);
    expect((await query(Buffer.alloc(LIMIT + 1), { 'Content-Encoding': 'gzip' })).status).to.equal(413);
  });

  it('may be brackets without end', async () => {
    expect((await query('['.repeat(LIMIT))).status).to.equal(400);
    const nested = '['.repeat(9_000) + ']'.repeat(9_000);
    expect((await query(nested)).status).to.equal(400);
    expect((await query(`{"worker_id":${nested}}`)).status).to.equal(400);
    expect((await query(`${valid.slice(0, -1)},"more":${nested}}`)).status).to.equal(200);
  });

  for (const encoding of ['', 'Content-Encoding: gzip\r\n', 'Content-Encoding: br\r\n']) {
    it(`may be left in the middle by its client (${encoding.trim() || 'plain'}), and no error is logged`, async () => {
      const socket = net.connect(portico.listening.port, '127.0.0.1');
      await once(socket, 'connect');
      const logged = aborted(portico);
      socket.write(`POST /query HTTP/1.1\r\nHost: localhost\r\n${encoding}Content-Length: 5000\r\n\r\n`);
      socket.write(gzipSync(valid).subarray(0, 20), () => socket.destroy());
      expect(await logged).to.include({ msg: 'request', status: 400, aborted: true });
      expect(portico.lines.filter((line) => Number(line.level) > 30)).to.be.empty;
    });
  }
});

/** The next log line of a request whose client went away. */
function aborted({ lines }: Portico): Promise<unknown> {
  return new Promise((resolve) => {
    const push = lines.push.bind(lines);
    lines.push = (line) => {
      if (line?.aborted === true) resolve(line);
      return push(...(line ? [line] : []));
    };
  });
}
