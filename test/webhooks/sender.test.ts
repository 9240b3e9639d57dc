// One message, sent to a receiver of this machine.
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { SecretError } from '../../src/webhooks/secrets.ts';
import { DeliveryError, WebhookSender, type SenderOptions } from '../../src/webhooks/sender.ts';
import { Proxies } from '../../src/net/proxy.ts';
import { temporaryFolder } from '../kube/support/temporary-folder.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { type Receiver, SECRET, startReceiver } from '../support/receiver.ts';

const NEVER = new AbortController().signal;
const BODY = '{"type":"job.done","data":{"ü":1}}';

describe('a webhook', () => {
  const folder = temporaryFolder();
  let receiver: Receiver;
  let sender: WebhookSender;
  beforeEach(async () => {
    receiver = await startReceiver();
    sender = await open();
  });
  afterEach(async () => {
    await sender.close();
    await receiver.close();
  });
  const open = (options: Partial<SenderOptions> = {}) =>
    WebhookSender.open({
      origins: [receiver.origin],
      secretFile: folder.write('secret', SECRET),
      userAgent: 'portico/test',
      clock: systemClock,
      ...options,
    });
  const send = (path = '/done', signal = NEVER) =>
    sender.send({ id: 'job-1', url: receiver.origin + path, body: BODY }, signal);
  const failure = async (work: Promise<unknown>): Promise<DeliveryError> => {
    const error: unknown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).to.be.instanceOf(DeliveryError);
    return error as DeliveryError;
  };

  it('is a POST whose signature is right', async () => {
    await send('/done?to=me');
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = receiver.received;
    expect([path, body]).to.deep.equal(['/done?to=me', JSON.parse(BODY)]);
    expect(headers).to.include({
      'content-type': 'application/json',
      'user-agent': 'portico/test',
      'webhook-id': 'job-1',
    });
  });

  it('has seals that hold while their secret is among those in the file', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const seal = await sender.seal('text');
    folder.write('secret', `${other}\n${SECRET}\n`);
    expect(await sender.isSealed('text', seal)).to.equal(true);
    expect(await sender.isSealed('another text', seal)).to.equal(false);
    expect(await sender.isSealed('text', '')).to.equal(false);
    folder.write('secret', other);
    expect(await sender.isSealed('text', seal)).to.equal(false);
  });

  it('goes by the proxy of the environment, except to this machine', async () => {
    const proxy = await ForwardProxy.start();
    const elsewhere = receiver.origin.replace('127.0.0.1', 'hooks.test');
    const proxies = new Proxies({ HTTP_PROXY: proxy.url.replace('//', '//me:secret@') });
    const proxied = await open({ origins: [elsewhere, receiver.origin], proxies });
    try {
      await proxied.send({ id: 'job-1', url: `${elsewhere}/done`, body: BODY }, NEVER);
      await proxied.send({ id: 'job-1', url: `${receiver.origin}/done`, body: BODY }, NEVER);
      expect(receiver.received).to.have.length(2);
      expect(proxy.hosts()).to.deep.equal([new URL(elsewhere).host]);
      expect(proxy.seen[0]?.authorization).to.match(/^Basic /);
      proxy.refusal = 407;
      const refused = proxied.send({ id: 'job-1', url: `${elsewhere}/done`, body: BODY }, NEVER);
      expect((await failure(refused)).message)
        .to.include('407')
        .and.not.include('secret');
    } finally {
      await proxied.close();
      proxy.stop();
    }
  });

  it('is signed with each secret, as the file has them now', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    folder.write('secret', `${other}\n${SECRET}\n`);
    await send();
    expect(receiver.received[0]?.headers['webhook-signature']).to.match(/^v1,\S+ v1,\S+$/);
    expect(receiver.received[0]?.body).to.deep.equal(JSON.parse(BODY));
    folder.write('secret', other);
    await send();
    expect(receiver.received[1]?.body).to.be.instanceOf(Error);
  });

  it('is not sent unsigned', async () => {
    folder.write('secret', '');
    const error: unknown = await send().catch((error: unknown) => error);
    expect(error).to.be.instanceOf(SecretError);
    expect(receiver.received).to.deep.equal([]);
  });

  it('goes to no host that is not allowed, however its URL looks', async () => {
    const { port, hostname } = new URL(receiver.origin);
    for (const url of [
      `https://${hostname}:${port}/`,
      `http://localhost:${port}/`,
      `http://x@${hostname}:${port}/`,
      `http://${hostname}.evil.example:${port}/`,
      'no URL',
    ]) {
      expect(sender.allows(url)).to.equal(false);
      await failure(sender.send({ id: 'job-1', url, body: BODY }, NEVER));
    }
    expect(receiver.received).to.deep.equal([]);
  });

  it('does not follow a redirect', async () => {
    receiver.answer = (response) => response.writeHead(307, { location: '/elsewhere' }).end();
    expect(await failure(send())).to.include({ message: 'the receiver answered 307', isFinal: false });
    expect(receiver.received.map(({ path }) => path)).to.deep.equal(['/done']);
  });

  it('that is refused says how, and when to try again', async () => {
    receiver.answer = (response) => response.writeHead(503, { 'retry-after': '7' }).end('busy');
    expect(await failure(send())).to.include({ retryAfterSeconds: 7, isFinal: false });
    receiver.answer = (response) => response.writeHead(410).end();
    expect(await failure(send())).to.include({ retryAfterSeconds: undefined, isFinal: true });
  });

  it('is not waited for longer than is bearable', async () => {
    await sender.close();
    sender = await open({ timeoutMs: 50 });
    receiver.answer = () => undefined;
    expect((await failure(send())).message).to.equal('no answer within 50 ms');
    receiver.answer = (response) => response.writeHead(200).write('never ends');
    await send();
  });

  it('is delivered though the receiver says more than anybody reads', async () => {
    receiver.answer = (response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    };
    await send();
  });

  it('fails when nobody answers there', async () => {
    await receiver.close();
    expect((await failure(send())).message).to.include('ECONNREFUSED');
    receiver = await startReceiver();
  });

  it("is cut off by its signal, with the signal's reason", async () => {
    const end = new AbortController();
    receiver.answer = () => end.abort(new Error('over'));
    const error: unknown = await send('/done', end.signal).catch((error: unknown) => error);
    expect(error).to.have.property('message', 'over');
  });
});
