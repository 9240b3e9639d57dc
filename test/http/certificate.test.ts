// The certificate of HTTPS: what is served, and what becomes of it when its files change.
import { once } from 'node:events';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect } from 'chai';
import {
  CertificateError,
  type KeyPair,
  ServedCertificate,
} from '../../src/http/server/served-certificate.ts';
import { keyPairOf, mountSecret } from '../support/certificates.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';
import { recordingLog, startPortico, type LogLine, type Portico } from './fixture.ts';

const LOOK_MS = 10_000;

describe('a certificate that is served', () => {
  let folder: string;
  let first: KeyPair;
  let second: KeyPair;
  let clock: FakeClock;
  let lines: LogLine[];
  let portico: Portico;
  let end: AbortController;
  let following: Promise<void>;
  before(async () => {
    [first, second] = await Promise.all([keyPairOf('first'), keyPairOf('second')]);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    clock = fakeClock();
    const recording = recordingLog();
    lines = recording.lines;
    const certificate = new ServedCertificate(mountSecret(folder, first), recording.log);
    end = new AbortController();
    following = certificate.follow(clock, end.signal);
    portico = await startPortico({}, { certificate });
  });
  afterEach(async () => {
    end.abort();
    await following;
    await portico.listening.stop();
    rmSync(folder, { recursive: true });
  });

  const connect = async (options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> => {
    const ca = [first.cert, second.cert];
    const socket = tls.connect({ port: portico.listening.port, host: '127.0.0.1', ca, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  const served = async (): Promise<string | undefined> => {
    const socket = await connect();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };
  const said = () =>
    lines.filter(({ level }) => level === 50).map(({ err }) => (err as { message: string }).message);

  it('is the one in its files', async () => {
    expect(await served()).to.equal('first');
  });

  it('is the new one after a Secret was updated, and connections that are open stay', async () => {
    const socket = await connect();
    mountSecret(folder, second);
    await clock.advance(LOOK_MS);
    expect(await served()).to.equal('second');
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).to.match(/^HTTP\/1.1 200/);
    socket.destroy();
    expect(said()).to.be.empty;
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['serving a new certificate']);
  });

  it('is the old one while only half of the new one is there', async () => {
    unlinkSync(join(folder, 'tls.crt'));
    writeFileSync(join(folder, 'tls.crt'), second.cert);
    await clock.advance(2 * LOOK_MS);
    expect(await served()).to.equal('first');
    expect(said()).to.deep.equal([
      `the private key in ${join(folder, 'tls.key')} is not that of the certificate in ${join(folder, 'tls.crt')}`,
    ]);
    unlinkSync(join(folder, 'tls.key'));
    writeFileSync(join(folder, 'tls.key'), second.key);
    await clock.advance(LOOK_MS);
    expect(await served()).to.equal('second');
  });

  for (const [what, spoil] of [
    ['are rubbish', () => mountSecret(folder, { cert: 'rubbish', key: 'rubbish' })],
    ['are empty', () => mountSecret(folder, { cert: '', key: '' })],
    ['are gone', () => unlinkSync(join(folder, 'tls.crt'))],
    ['are those of others', () => mountSecret(folder, { cert: second.cert, key: first.key })],
    ['have a key that is none', () => mountSecret(folder, { cert: second.cert, key: '' })],
  ] as const) {
    it(`is the old one when its files ${what}, which is said once, and the next good one is served`, async () => {
      spoil();
      await clock.advance(5 * LOOK_MS);
      expect(await served()).to.equal('first');
      expect(said()).to.have.length(1);
      expect(said()[0]).to.contain(folder);
      if (what === 'are gone') return;
      mountSecret(folder, second);
      await clock.advance(LOOK_MS);
      expect(await served()).to.equal('second');
    });
  }

  it('is served with TLS 1.2 and newer alone, the new one too', async () => {
    for (const look of [0, LOOK_MS]) {
      mountSecret(folder, second);
      await clock.advance(look);
      const socket = await connect({ maxVersion: 'TLSv1.2' });
      expect(socket.getProtocol()).to.equal('TLSv1.2');
      socket.destroy();
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
      expect(await connect(old).catch((error: NodeJS.ErrnoException) => error.code)).to.equal(
        'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      );
    }
  });
});

describe('a certificate that cannot be served', () => {
  let folder: string;
  let pair: KeyPair;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    pair = await keyPairOf('one');
    for (const [file, text] of Object.entries({ cert: pair.cert, key: pair.key, empty: '', rubbish: 'x' }))
      writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, 'other'), (await keyPairOf('other')).key);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [cert, key, words] of [
    ['none', 'key', /^cannot read \S+\/none: ENOENT/],
    ['cert', 'none', /^cannot read \S+\/none: ENOENT/],
    ['empty', 'key', /^cannot use \S+\/empty as a certificate in PEM: /],
    ['cert', 'empty', /^cannot use \S+\/empty as a private key in PEM without a passphrase: /],
    ['rubbish', 'key', /^cannot use \S+\/rubbish as a certificate in PEM: /],
    ['key', 'cert', /^cannot use \S+\/key as a certificate in PEM: /],
    ['cert', 'other', /^the private key in \S+\/other is not that of the certificate in \S+\/cert$/],
  ] as const) {
    it(`is named in one line: ${cert} with ${key}`, () => {
      const files = { cert: join(folder, cert), key: join(folder, key) };
      expect(() => new ServedCertificate(files, recordingLog().log))
        .to.throw(CertificateError, words)
        .with.property('message')
        .that.does.not.contain('\n');
    });
  }
});
