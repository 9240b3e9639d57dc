// The list of rights beside what is asked of the API server: every method of the cluster, the watches and the lease.
import { expect } from 'chai';
import { Readable } from 'node:stream';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { CALLER_RIGHTS, type Scope, purposeOf, RIGHTS } from '../../src/controller/api/permissions.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { reviewAccess, reviewToken } from '../../src/kube/permissions/access-reviews.ts';
import { permissionOf } from '../../src/kube/permissions/permission.ts';

const PLACES: Record<string, Scope> = { work: 'jobs', kept: 'records' };
const object = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } };
const pack = { name: 'p', uid: 'u', resourceVersion: '1', expiresAtMs: 0, entries: 0, bytes: 0 };

type Methods = Exclude<keyof JobApi, 'jobs' | 'outcomeRecords' | 'nodes'>;
/** One that is not here does not compile. */
const CALLS: { [Method in Methods]: (jobApi: JobApi) => unknown } = {
  createJob: (jobApi) => jobApi.createJob(object),
  findJob: (jobApi) => jobApi.findJob('a'),
  deleteJob: (jobApi) => jobApi.deleteJob('a'),
  patchJob: (jobApi) => jobApi.patchJob(object, {}),
  noteCallback: (jobApi) => jobApi.noteCallback({ jobName: 'a', uid: 'u' }, 'delivered'),
  noteCallbackInPack: (jobApi) => jobApi.noteCallbackInPack('p', 'a', 'delivered'),
  podsOf: (jobApi) => jobApi.podsOf(object),
  findPod: (jobApi) => jobApi.findPod('a'),
  eventsAbout: (jobApi) => jobApi.eventsAbout('u'),
  readNodes: (jobApi) => jobApi.readNodes('a=b', () => undefined),
  readLog: (jobApi) => jobApi.readLog('a', { follow: false }, new AbortController().signal),
  deletePod: (jobApi) => jobApi.deletePod(object),
  createPack: (jobApi) => jobApi.createPack('p', 0, []),
  appendToPack: (jobApi) => jobApi.appendToPack(pack, []),
  listPackMetadata: (jobApi) => jobApi.listPackMetadata(),
  findPack: (jobApi) => jobApi.findPack('p'),
  deletePack: (jobApi) => jobApi.deletePack(pack),
};

const keyOf = (right: { in: Scope; verb: string; group: string; resource: string }) =>
  `${right.verb} ${right.resource}.${right.group} in ${right.in}`;

/** As a right of the list. */
function neededFor(call: ApiRequest): string {
  const right = permissionOf(call);
  if (!right) throw new Error(`expected a resource, got ${call.path}`);
  const place = right.namespace === undefined ? 'cluster' : PLACES[right.namespace];
  return keyOf({ ...right, in: place ?? 'cluster' });
}

describe('the list of rights', () => {
  it('has what the calls, the watches and the lease ask for, and no more', async () => {
    const needed = new Set<string>();
    const client: ApiClient = {
      request: <T>(call: ApiRequest) => {
        needed.add(neededFor(call));
        return Promise.resolve({ metadata: { resourceVersion: '1' }, items: [] } as T);
      },
      bytes: (call) => {
        needed.add(neededFor(call));
        return Promise.resolve(Readable.from([]));
      },
      lines: () => Promise.reject(new Error('expected no stream')),
    };
    const jobApi = new JobApi(client, { jobs: 'work', records: 'kept' });
    for (const call of Object.values(CALLS)) await call(jobApi);
    for (const { path } of [jobApi.jobs, jobApi.outcomeRecords, jobApi.nodes]) {
      needed.add(neededFor({ path }));
      needed.add(neededFor({ path, query: { watch: true } }));
    }
    const lease = '/apis/coordination.k8s.io/v1/namespaces/kept/leases';
    needed.add(neededFor({ path: `${lease}/a` }));
    needed.add(neededFor({ path: lease, method: 'POST' }));
    needed.add(neededFor({ path: `${lease}/a`, method: 'PUT' }));
    expect([...needed].sort()).to.deep.equal(RIGHTS.map(keyOf).sort());
  });

  it('has what is asked about callers apart: who asks nobody needs none of it', async () => {
    const needed: string[] = [];
    const client = {
      request: <T>(call: ApiRequest) => {
        needed.push(neededFor(call));
        return Promise.resolve({} as T);
      },
    } as ApiClient;
    await reviewToken(client, 'token', 'portico');
    const attributes = { namespace: 'work', verb: 'get', group: 'portico.dev', resource: 'workers' };
    await reviewAccess(client, { username: 'ann' }, attributes);
    expect(needed.sort()).to.deep.equal(CALLER_RIGHTS.map(keyOf).sort());
    for (const right of CALLER_RIGHTS) expect(purposeOf(right)).to.equal(right.for);
  });

  it('gives a purpose for each, and none for what is not on it', () => {
    for (const right of RIGHTS) expect(purposeOf(right)).to.equal(right.for).and.not.equal('');
    expect(purposeOf({ verb: 'get', group: '', resource: 'secrets' })).to.equal(undefined);
  });

  it('has each once', () => {
    expect(new Set(RIGHTS.map(keyOf)).size).to.equal(RIGHTS.length);
  });
});
