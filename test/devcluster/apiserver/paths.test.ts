// What answers at which path: discovery, versions, and what is not there, not allowed or not done.
import { expect } from 'chai';
import { configMap, CONFIG_MAPS_PATH, pod, PODS_PATH, TestApi } from './support.ts';

describe('paths', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
    await api.ask('POST', PODS_PATH, { body: pod('p') });
  });
  after(() => api.stop());

  it('lead from the root to every resource', async () => {
    expect((await api.get('/api')).body.versions).to.deep.equal(['v1']);
    const groups = (await api.get('/apis')).body.groups as { name: string }[];
    expect(groups.map(({ name }) => name)).to.include('batch');
    expect((await api.get('/apis/batch')).body.kind).to.equal('APIGroup');
    const { resources } = (await api.get('/apis/batch/v1')).body as unknown as {
      resources: { name: string }[];
    };
    expect(resources.map(({ name }) => name)).to.deep.equal(['jobs', 'jobs/status']);
    expect((await api.get('/version')).body).to.include({ major: '1' });
    expect((await api.get('/')).body.paths).to.include('/apis');
  });

  it('discover everything at once, for clients that know how', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const { headers, body } = await api.get('/apis', { accept });
    expect(body.kind).to.equal('APIGroupDiscoveryList');
    expect(headers['content-type']).to.contain('as=APIGroupDiscoveryList');
  });

  it('describe their types', async () => {
    expect((await api.get('/openapi/v3')).body.paths).to.have.property('apis/batch/v1');
    expect((await api.get('/openapi/v3/apis/batch/v1')).body).to.have.property('components');
    expect((await api.get('/openapi/v2')).body).to.have.property('definitions');
  });

  it('below no group that is served are 404 as of any web server', async () => {
    for (const path of ['/nowhere', '/apis/apps/v1/deployments', '/openapi/v3/apis/apps/v1']) {
      const { code, text } = await api.get(path);
      expect({ code, text }, path).to.deep.equal({ code: 404, text: '404 page not found\n' });
    }
  });

  it('that are not there are 404, in the words of Kubernetes', async () => {
    for (const path of [
      '/api/v2',
      '/api/v1/gadgets',
      '/apis/batch/v2/jobs',
      '/api/v1/pods/p',
      `${PODS_PATH}/p/gadgets`,
      `${PODS_PATH}/p/log/more`,
      '/api/v1/namespaces/default/nodes',
    ]) {
      const { code, body } = await api.get(path);
      expect(code, path).to.equal(404);
      expect(body, path).to.include({
        kind: 'Status',
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      });
    }
  });

  it('with a malformed escape are 400', async () => {
    expect((await api.get('/api/v1/namespaces/%zz/pods')).code).to.equal(400);
  });

  it('keep an escaped slash inside its name', async () => {
    const { code, body } = await api.get(`${CONFIG_MAPS_PATH}/..%2F..%2Fnodes`);
    expect(code).to.equal(404);
    expect(body.message).to.equal('configmaps "../../nodes" not found');
  });

  it('say which methods they take', async () => {
    const allowed = async (method: string, path: string): Promise<unknown> => {
      const { code, headers, body } = await api.ask(method, path, { body: {} });
      expect(code, path).to.equal(405);
      expect(body.reason).to.equal('MethodNotAllowed');
      return headers.allow;
    };
    expect(await allowed('PUT', CONFIG_MAPS_PATH)).to.equal('GET, POST, DELETE');
    expect(await allowed('POST', '/api/v1/pods')).to.equal('GET');
    expect(await allowed('POST', `${PODS_PATH}/p`)).to.equal('GET, PUT, PATCH, DELETE');
    expect(await allowed('DELETE', '/api/v1/namespaces')).to.equal('GET, POST');
    expect(await allowed('POST', `${PODS_PATH}/p/log`)).to.equal('GET');
    expect(await allowed('PUT', `${PODS_PATH}/p/eviction`)).to.equal('POST');
    expect(await allowed('POST', '/version')).to.equal('GET');
  });

  it('that Kubernetes has and this cluster has not are 501', async () => {
    for (const path of [
      `${PODS_PATH}/p/exec?command=sh`,
      `${PODS_PATH}/p/attach`,
      `${PODS_PATH}/p/portforward`,
      `${PODS_PATH}/p/log`,
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    ]) {
      const { code, body } = await api.ask('GET', path);
      expect(code, path).to.equal(501);
      expect(body.reason).to.equal('NotImplemented');
    }
  });

  it('of access reviews are 501, whatever form the question comes in', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    expect((await api.ask('POST', path, { body: 'k8s', headers })).code).to.equal(501);
  });

  it('take every name and value of a namespace apart', async () => {
    await api.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: 'status' } } });
    await api.ask('POST', '/api/v1/namespaces/status/configmaps', { body: configMap('a') });
    expect((await api.get('/api/v1/namespaces/status/configmaps/a')).code).to.equal(200);
    expect((await api.get('/api/v1/namespaces/status/status')).body.kind).to.equal('Namespace');
  });
});
