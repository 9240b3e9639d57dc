import { expect } from 'chai';
import { release, type ReleaseOptions } from '../../src/controller/reconciling/finalizer-release.ts';
import { FINALIZER } from '../../src/jobs/labels.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import type { Job } from '../../src/kube/wire.ts';
import { fakeClock } from '../support/clock.ts';
import { complete, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

describe('release', () => {
  let api: MemoryApi;
  let failures: string[];
  beforeEach(() => {
    api = new MemoryApi();
    failures = [];
  });
  const put = (name: string, metadata: Job['metadata'] = {}, status?: Job['status']) =>
    api.put(JOBS, jobOf({ name, uid: name, ...metadata }, status));
  const run = (client: ApiClient = api, options: Partial<ReleaseOptions> = {}) =>
    release({
      client,
      clock: fakeClock(),
      namespace: NAMESPACE,
      signal: new AbortController().signal,
      onFailure: (name) => failures.push(name),
      ...options,
    });
  const finalizers = (name: string) => api.get<Job>(`${JOBS}/${name}`)?.metadata?.finalizers;

  it('takes our finalizer off every Job that has it, and says how many', async () => {
    put('running');
    put('finished', {}, complete());
    put('others', { finalizers: ['example.com/other', FINALIZER] });
    put('settled', { finalizers: [] }, complete());
    put('going', { deletionTimestamp: '2030-01-01T00:00:01Z' });
    expect(await run()).to.deep.equal({ released: 4, failed: 0 });
    expect(['running', 'finished', 'others', 'going'].map(finalizers)).to.deep.equal([
      [],
      [],
      ['example.com/other'],
      undefined,
    ]);
  });

  it('can be repeated', async () => {
    put('running');
    await run();
    expect(await run()).to.deep.equal({ released: 0, failed: 0 });
  });

  it('finds a Job by its finalizer, whatever has become of its labels, and leaves others alone', async () => {
    put('ours', { labels: {} });
    put('theirs', { labels: {}, finalizers: ['example.com/other'] });
    expect(await run()).to.deep.equal({ released: 1, failed: 0 });
    expect(['ours', 'theirs'].map(finalizers)).to.deep.equal([[], ['example.com/other']]);
  });

  it('looks again at a Job that changes or goes meanwhile', async () => {
    put('changing');
    put('leaving');
    let changes = 0;
    const client = intercepting((call) => {
      if (call.method !== 'PATCH') return;
      if (call.path.endsWith('leaving')) api.remove(call.path);
      else if (changes++ < 3) put('changing', {}, { ready: changes });
    });
    expect(await run(client)).to.deep.equal({ released: 1, failed: 0 });
    expect(finalizers('changing')).to.deep.equal([]);
  });

  it('goes on after a Job that cannot be released, and names it', async () => {
    put('a');
    put('b');
    api.failNext(/^PATCH .*a$/, new StatusError(403, { reason: 'Forbidden' }));
    expect(await run()).to.deep.equal({ released: 1, failed: 1 });
    expect([failures, finalizers('b')]).to.deep.equal([['a'], []]);
  });

  it('begins the list again when it took too long', async () => {
    put('a');
    api.failNext(/^GET .*jobs$/, new StatusError(410, { reason: 'Expired' }));
    expect(await run()).to.deep.equal({ released: 1, failed: 0 });
  });

  it('fails when Jobs cannot be listed', async () => {
    api.failNext(/^GET .*jobs$/, new StatusError(403, { reason: 'Forbidden' }));
    const error: unknown = await run().catch((error: unknown) => error);
    expect(error).to.include({ code: 403 });
  });

  const intercepting = (before: (call: ApiRequest) => void): ApiClient => ({
    request: (call) => {
      before(call);
      return api.request(call);
    },
    lines: (call) => api.lines(call),
    bytes: (call) => api.bytes(call),
  });
});
