// Which right a call needs, and which one a refusal names.
import { expect } from 'chai';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { CONFIG_MAPS, JOBS, LEASES, NODES, pathOf, PODS } from '../../src/kube/resource-paths.ts';
import { missingPermission, missingText, permissionOf } from '../../src/kube/permissions/permission.ts';

const jobs = { group: 'batch', resource: 'jobs', namespace: 'demo' };
const pods = { group: '', resource: 'pods', namespace: 'demo' };

describe('the right that a call needs', () => {
  const list = pathOf(JOBS, { namespace: 'demo' });
  const one = pathOf(JOBS, { namespace: 'demo', name: 'a' });

  it('is the verb of its method, and of whether it is about one object or all of them', () => {
    expect(permissionOf({ path: one })).to.deep.equal({ verb: 'get', ...jobs });
    expect(permissionOf({ path: list })).to.deep.equal({ verb: 'list', ...jobs });
    expect(permissionOf({ path: list, query: { watch: true } })).to.deep.equal({ verb: 'watch', ...jobs });
    expect(permissionOf({ path: list, method: 'POST' })).to.deep.equal({ verb: 'create', ...jobs });
    expect(permissionOf({ path: one, method: 'PUT' })).to.deep.equal({ verb: 'update', ...jobs });
    expect(permissionOf({ path: one, method: 'PATCH' })).to.deep.equal({ verb: 'patch', ...jobs });
    expect(permissionOf({ path: one, method: 'DELETE' })).to.deep.equal({ verb: 'delete', ...jobs });
    expect(permissionOf({ path: list, method: 'DELETE' })).to.deep.equal({
      verb: 'deletecollection',
      ...jobs,
    });
  });

  it('names group, resource and namespace, whichever kind it is', () => {
    const place = { namespace: 'demo', name: 'a' };
    expect(permissionOf({ path: pathOf(PODS, place) })).to.deep.equal({ verb: 'get', ...pods });
    expect(permissionOf({ path: pathOf(CONFIG_MAPS, place) })).to.include({
      group: '',
      resource: 'configmaps',
    });
    expect(permissionOf({ path: pathOf(LEASES, place) })).to.include({
      group: 'coordination.k8s.io',
      resource: 'leases',
    });
    expect(permissionOf({ path: pathOf(NODES) })).to.deep.equal({
      verb: 'list',
      group: '',
      resource: 'nodes',
    });
    expect(permissionOf({ path: pathOf(NODES, { name: 'n' }) })).to.include({
      verb: 'get',
      resource: 'nodes',
    });
    const log = `${pathOf(PODS, place)}/log`;
    expect(permissionOf({ path: log })).to.deep.equal({ verb: 'get', ...pods, resource: 'pods/log' });
    const namespace = '/api/v1/namespaces/demo';
    expect(permissionOf({ path: namespace })).to.deep.equal({
      verb: 'get',
      group: '',
      resource: 'namespaces',
    });
  });

  it('is none for what is no resource', () => {
    expect(permissionOf({ path: '/version' })).to.equal(undefined);
  });
});

describe('the right that a refusal says is missing', () => {
  const refusal = (message: string, code = 403) => new StatusError(code, { reason: 'Forbidden', message });
  const user = 'system:serviceaccount:portico:portico';

  it('is read from the words of the authorization, in a namespace', () => {
    const message = `jobs.batch is forbidden: User "${user}" cannot list resource "jobs" in API group "batch" in the namespace "demo"`;
    const right = missingPermission(refusal(message));
    expect(right).to.deep.equal({ user, verb: 'list', ...jobs });
    expect(right && missingText(right)).to.equal(
      'cannot list jobs in namespace demo: give {apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"]} in a Role there',
    );
  });

  it('and in the whole cluster', () => {
    const message = `nodes is forbidden: User "${user}" cannot watch resource "nodes" in API group "" at the cluster scope`;
    const right = missingPermission(refusal(message));
    expect(right).to.deep.equal({ user, verb: 'watch', group: '', resource: 'nodes' });
    expect(right && missingText(right)).to.equal(
      'cannot watch nodes: give {apiGroups: [""], resources: ["nodes"], verbs: ["watch"]} in a ClusterRole',
    );
  });

  it('also of a subresource, of a user with quotes in the name, and where the authorizer adds its reason', () => {
    const message = String.raw`pods "a" is forbidden: User "o\"brien" cannot get resource "pods/log" in API group "" in the namespace "demo": requires one of ["container.pods.getLogs"] permission(s).`;
    expect(missingPermission(refusal(message))).to.deep.equal({
      user: String.raw`o\"brien`,
      verb: 'get',
      ...pods,
      resource: 'pods/log',
    });
  });

  it('is none where a quota, PodSecurity, a policy or a namespace that goes has refused, or nobody has', () => {
    for (const message of [
      'jobs.batch "a" is forbidden: exceeded quota: few, requested: count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1',
      'pods "a" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
      'admission webhook "x.example" denied the request: you cannot create jobs today',
      'jobs.batch "a" is forbidden: unable to create new content in namespace demo because it is being terminated',
      '',
    ])
      expect(missingPermission(refusal(message)), message).to.equal(undefined);
    const words = `User "u" cannot list resource "jobs" in API group "batch" in the namespace "demo"`;
    expect(missingPermission(refusal(words, 401))).to.equal(undefined);
    expect(missingPermission(new UnreachableError(words))).to.equal(undefined);
    expect(missingPermission(undefined)).to.equal(undefined);
  });
});
