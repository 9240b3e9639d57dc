// Installed with callers authenticated and HTTPS: probes, helm test and callers go by them.
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { Agent, request } from 'undici';
import { Installation } from './installation.ts';

const SECRET = 'portico-tls';

describe('an installation with tokens and TLS', () => {
  let portico: Installation;
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  before(async function () {
    this.timeout(0);
    portico = await Installation.prepare(this);
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'portico' }]);
    await portico.cluster.api.call('POST', `/api/v1/namespaces/${portico.namespace}/secrets`, {
      metadata: { name: SECRET },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': cert, 'tls.key': key },
    });
    await portico.install('--set=replicas=1', '--set=auth.mode=token', `--set=tls.secretName=${SECRET}`);
  });
  after(async () => {
    await agent.close();
    await portico?.remove();
  });

  const start = async (headers: Record<string, string>) => {
    const url = (await portico.url()).replace('http:', 'https:');
    const { statusCode, body } = await request(`${url}/start`, {
      dispatcher: agent,
      method: 'POST',
      headers,
      body: JSON.stringify({ worker_id: 'local', command: 'true', path: '-' }),
    });
    await body.text();
    return statusCode;
  };

  it('starts nothing for who shows no token, or one without a right', async () => {
    const token = await portico.kubectl(
      ...['create', 'token', 'default', `--namespace=${portico.namespace}`, '--audience=portico'],
    );
    expect(await start({})).to.equal(401);
    expect(await start({ authorization: `Bearer ${token.trim()}` })).to.equal(403);
    expect(await portico.jobs()).to.deep.equal([]);
  });

  it('passes helm test, which brings a caller of its own and takes it away again', async () => {
    expect(await portico.helm('test', portico.name)).to.match(/Phase: +Succeeded/);
    const callers = await portico.kubectl(
      'get',
      'roles,serviceaccounts',
      '--all-namespaces',
      '--output=name',
    );
    expect(callers).not.to.include('first-job');
  });
});
