// The list of rights beside what is asked of the API server: every method of the cluster, the watches and the lease.
import { expect } from 'chai';
import { Readable } from 'node:stream';
import { Cluster } from '../../src/controller/api/job-api.ts';
import { CALLER_RIGHTS, type Place, purposeOf, RIGHTS } from '../../src/controller/api/permissions.ts';
import type { ApiClient, Call } from '../../src/kube/api-client.ts';
import { reviewAccess, reviewToken } from '../../src/kube/permissions/access-reviews.ts';
import { rightOf } from '../../src/kube/permissions/permission.ts';

const PLACES: Record<string, Place> = { work: 'jobs', kept: 'records' };
const object = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } };
const pack = { name: 'p', uid: 'u', resourceVersion: '1', expiresAtMs: 0, entries: 0, bytes: 0 };

type Methods = Exclude<keyof Cluster, 'jobs' | 'outcomeRecords' | 'nodes'>;
/** One that is not here does not compile. */
const CALLS: { [Method in Methods]: (cluster: Cluster) => unknown } = {
  createJob: (cluster) => cluster.createJob(object),
  findJob: (cluster) => cluster.findJob('a'),
  deleteJob: (cluster) => cluster.deleteJob('a'),
  patchJob: (cluster) => cluster.patchJob(object, {}),
  noteCallback: (cluster) => cluster.noteCallback({ jobName: 'a', uid: 'u' }, 'delivered'),
  noteCallbackInPack: (cluster) => cluster.noteCallbackInPack('p', 'a', 'delivered'),
  podsOf: (cluster) => cluster.podsOf(object),
  findPod: (cluster) => cluster.findPod('a'),
  eventsAbout: (cluster) => cluster.eventsAbout('u'),
  readNodes: (cluster) => cluster.readNodes('a=b', () => undefined),
  readLog: (cluster) => cluster.readLog('a', { follow: false }, new AbortController().signal),
  deletePod: (cluster) => cluster.deletePod(object),
  createPack: (cluster) => cluster.createPack('p', 0, []),
  appendToPack: (cluster) => cluster.appendToPack(pack, []),
  listPackMetadata: (cluster) => cluster.listPackMetadata(),
  findPack: (cluster) => cluster.findPack('p'),
  deletePack: (cluster) => cluster.deletePack(pack),
};

const keyOf = (right: { in: Place; verb: string; group: string; resource: string }) =>
  `${right.verb} ${right.resource}.${right.group} in ${right.in}`;

/** As a right of the list. */
function neededFor(call: Call): string {
  const right = rightOf(call);
  if (!right) throw new Error(`expected a resource, got ${call.path}`);
  const place = right.namespace === undefined ? 'cluster' : PLACES[right.namespace];
  return keyOf({ ...right, in: place ?? 'cluster' });
}

describe('the list of rights', () => {
  it('has what the calls, the watches and the lease ask for, and no more', async () => {
    const needed = new Set<string>();
    const client: ApiClient = {
      request: <T>(call: Call) => {
        needed.add(neededFor(call));
        return Promise.resolve({ metadata: { resourceVersion: '1' }, items: [] } as T);
      },
      bytes: (call) => {
        needed.add(neededFor(call));
        return Promise.resolve(Readable.from([]));
      },
      lines: () => Promise.reject(new Error('expected no stream')),
    };
    const cluster = new Cluster(client, { jobs: 'work', records: 'kept' });
    for (const call of Object.values(CALLS)) await call(cluster);
    for (const { path } of [cluster.jobs, cluster.outcomeRecords, cluster.nodes]) {
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
      request: <T>(call: Call) => {
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
