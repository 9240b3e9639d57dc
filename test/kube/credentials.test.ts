// How calls are authenticated, and what happens when credentials change.
import { readFileSync } from 'node:fs';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect } from 'chai';
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { PooledKubeConfig } from '../../src/kube/transport/pooled-config.ts';
import { SharedPools } from '../../src/kube/transport/connection-pools.ts';
import { collect } from './support/collect.ts';
import { failureOf } from './support/failure.ts';
import { kubeconfig, mockedApi } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const SERVER = 'https://cluster.test:6443';

describe('the credentials of a call', () => {
  const api = mockedApi();
  const folder = temporaryFolder();

  const as = (user: object) => {
    const file = folder.write('kubeconfig', kubeconfig(SERVER, user));
    return api.connect({ config: ClusterConfig.fromFile(file) });
  };
  const accepts = (authorization: string) =>
    api.server().get('/thing').matchHeader('authorization', authorization).reply(200, { ok: true });
  const ok = { ok: true };

  it('are the token of the kubeconfig', async () => {
    accepts('Bearer first');
    expect(await api.connection().request({ path: '/thing' })).to.deep.equal(ok);
  });

  it('are user and password where the kubeconfig has these', async () => {
    accepts(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    const connection = as({ username: 'me', password: 'secret' });
    expect(await connection.request({ path: '/thing' })).to.deep.equal(ok);
  });

  it('are the content of a token file, without its line end, and the file wins over a token', async () => {
    folder.write('token', 'from-file\n');
    accepts('Bearer from-file');
    const connection = as({ tokenFile: 'token', token: 'beside' });
    expect(await connection.request({ path: '/thing' })).to.deep.equal(ok);
  });

  it('say whom to impersonate', async () => {
    api.server().get('/thing').matchHeader('impersonate-user', 'somebody').reply(200, ok);
    expect(await as({ token: 't', as: 'somebody' }).request({ path: '/thing' })).to.deep.equal(ok);
  });

  it('come from a plugin, which runs once for calls at the same time', async () => {
    const credential = JSON.stringify({ status: { token: 'from-plugin' } });
    const script = `fs.appendFileSync(${JSON.stringify(folder.path('runs'))}, 'x'); console.log(${JSON.stringify(credential)})`;
    const connection = as({ exec: { command: process.execPath, args: ['-e', script] } });
    accepts('Bearer from-plugin');
    accepts('Bearer from-plugin');
    const answers = [connection.request({ path: '/thing' }), connection.request({ path: '/thing' })];
    expect(await Promise.all(answers)).to.deep.equal([ok, ok]);
    expect(readFileSync(folder.path('runs'), 'utf8')).to.equal('x');
  });

  it('that cannot be had make the API server unreachable, with the plugin named', async () => {
    const connection = as({ exec: { command: folder.path('no-such-plugin') } });
    const { message } = await failureOf(connection.request({ path: '/thing' }), UnreachableError);
    expect(message).to.match(/^cannot get the cluster credentials: .*no-such-plugin ENOENT/);
  });

  it('are read again after 401, and the call is sent once more', async () => {
    api.server().post('/thing').matchHeader('authorization', 'Bearer first').reply(401, { kind: 'Status' });
    api.server().post('/thing').matchHeader('authorization', 'Bearer second').reply(201, ok);
    const connection = api.connection();
    api.setToken('second');
    expect(await connection.request({ path: '/thing', method: 'POST', body: {} })).to.deep.equal(ok);
  });

  it('from a rotated token file are found within 401', async () => {
    folder.write('token', 'old');
    const connection = as({ tokenFile: 'token' });
    accepts('Bearer old');
    await connection.request({ path: '/thing' });
    folder.write('token', 'new');
    api.server().get('/thing').matchHeader('authorization', 'Bearer old').reply(401, {});
    accepts('Bearer new');
    expect(await connection.request({ path: '/thing' })).to.deep.equal(ok);
  });

  it('for a stream are read again after 401 too', async () => {
    api.server().get('/thing').matchHeader('authorization', 'Bearer first').reply(401, {});
    api.server().get('/thing').matchHeader('authorization', 'Bearer second').reply(200, 'line\n');
    const connection = api.connection();
    api.setToken('second');
    expect(await collect(await connection.lines({ path: '/thing' }))).to.deep.equal(['line']);
  });

  it('that are refused twice are refused', async () => {
    api.server().get('/thing').twice().reply(401, { kind: 'Status', reason: 'Unauthorized' });
    const refusal = await failureOf(api.connection().request({ path: '/thing' }), StatusError);
    expect(refusal.reason).to.equal('Unauthorized');
  });

  it('that can no longer be read leave the refusal as the answer', async () => {
    const connection = api.connection();
    api.setKubeConfig('{broken');
    api.server().get('/thing').twice().reply(401, {});
    expect((await failureOf(connection.request({ path: '/thing' }), StatusError)).code).to.equal(401);
  });

  it('serve the generated clients of client-node as well', async () => {
    const pools = new SharedPools({ connections: 1, proxy: undefined });
    const config = new PooledKubeConfig(pools);
    ClusterConfig.fromFile(folder.write('kubeconfig', kubeconfig(SERVER, { token: 'first' }))).loadInto(
      config,
    );
    api
      .server()
      .get('/api/v1/namespaces')
      .matchHeader('authorization', 'Bearer first')
      .reply(200, { items: [{ metadata: { name: 'default' } }] });
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace();
    await pools.close();
    expect(items.map(({ metadata }) => metadata?.name)).to.deep.equal(['default']);
  });
});
