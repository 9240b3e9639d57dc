// What a DELETE does: finalizers, propagation, grace periods, preconditions, namespaces.
import { expect } from 'chai';
import { NAMESPACES, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { fakeClock } from '../../support/clock.ts';
import {
  configMap,
  CONFIG_MAPS_PATH,
  job,
  JOBS_PATH,
  pod,
  PODS_PATH,
  TestApi,
  type Body,
} from './support.ts';

const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('DELETE', () => {
  const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'));
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start({ clock });
  });
  afterEach(() => api.stop());

  const createJob = (metadata: Record<string, unknown> = {}) =>
    api.ask('POST', JOBS_PATH, { body: job('a', metadata) });
  const deleteJob = (options: Record<string, unknown>) =>
    api.ask('DELETE', `${JOBS_PATH}/a`, { body: options });

  describe('of a Job', () => {
    it('without a policy orphans, with a warning', async () => {
      await createJob();
      const { code, body, headers } = await api.ask('DELETE', `${JOBS_PATH}/a`);
      expect(code).to.equal(200);
      expect(body.metadata).to.deep.include({
        finalizers: ['orphan'],
        deletionTimestamp: '2030-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        generation: 2,
      });
      expect(headers.warning).to.equal(
        '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them ' +
          'or set propagationPolicy=Orphan to suppress this warning"',
      );
    });

    it('in the background is gone at once', async () => {
      await createJob();
      const { body, headers } = await deleteJob({ propagationPolicy: 'Background' });
      expect(body.status).to.equal('Success');
      expect(headers).not.to.have.property('warning');
      expect((await api.get(`${JOBS_PATH}/a`)).code).to.equal(404);
    });

    it('in the foreground waits for the garbage collector', async () => {
      await createJob();
      const { body } = await deleteJob({ propagationPolicy: 'Foreground' });
      expect(body.metadata.finalizers).to.deep.equal(['foregroundDeletion']);
      const gone = await api.ask('PATCH', `${JOBS_PATH}/a`, {
        body: { metadata: { finalizers: [] } },
        headers: MERGE,
      });
      expect(gone.code).to.equal(200);
      expect((await api.get(`${JOBS_PATH}/a`)).code).to.equal(404);
    });

    it('in the background with a finalizer stays; Foreground upgrades it and Background takes that back', async () => {
      await createJob({ finalizers: ['example.com/hold'] });
      const background = await deleteJob({ propagationPolicy: 'Background' });
      expect(background.body.metadata.finalizers).to.deep.equal(['example.com/hold']);
      const foreground = await deleteJob({ propagationPolicy: 'Foreground' });
      expect(foreground.body.metadata.finalizers).to.deep.equal(['example.com/hold', 'foregroundDeletion']);
      const silent = await deleteJob({});
      expect(silent.body.metadata.finalizers).to.deep.equal(['example.com/hold', 'foregroundDeletion']);
      const again = await deleteJob({ propagationPolicy: 'Background' });
      expect(again.body.metadata.finalizers).to.deep.equal(['example.com/hold']);
      expect(again.body.metadata.generation).to.equal(2);
    });

    it('takes the policy from the query, and orphanDependents of old', async () => {
      await createJob();
      const orphaned = await api.ask('DELETE', `${JOBS_PATH}/a?propagationPolicy=Orphan`);
      expect(orphaned.body.metadata.finalizers).to.deep.equal(['orphan']);
      const gone = await deleteJob({ orphanDependents: false });
      expect(gone.body.status).to.equal('Success');
    });

    it('is refused with a policy that is none, or with both forms of it', async () => {
      await createJob();
      const unknown = await deleteJob({ propagationPolicy: 'Sideways' });
      expect(unknown.code).to.equal(422);
      expect(unknown.body.message).to.contain('propagationPolicy: Unsupported value: "Sideways"');
      const both = await deleteJob({ propagationPolicy: 'Orphan', orphanDependents: true });
      expect(both.code).to.equal(422);
      const odd = await deleteJob({ gracePeriodSeconds: 'soon' });
      expect(odd.code).to.equal(400);
      expect(odd.body.message).to.equal(
        'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
      );
    });
  });

  it('with another uid or resourceVersion as precondition is a Conflict', async () => {
    const { body } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { uid, resourceVersion } = body.metadata;
    const path = `${CONFIG_MAPS_PATH}/a`;
    const other = await api.ask('DELETE', path, { body: { preconditions: { uid: 'other' } } });
    expect(other.code).to.equal(409);
    expect(other.body.reason).to.equal('Conflict');
    expect(other.body.message).to.contain(`does not match the UID in record (${String(uid)})`);
    const older = await api.ask('DELETE', path, { body: { preconditions: { resourceVersion: '1' } } });
    expect(older.code).to.equal(409);
    const right = await api.ask('DELETE', path, { body: { preconditions: { uid, resourceVersion } } });
    expect(right.code).to.equal(200);
  });

  it('of what has finalizers ends with the last of them', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, {
      body: { metadata: { name: 'a', finalizers: ['example.com/one', 'example.com/two'] } },
    });
    await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a`);
    const keep = (finalizers: string[]) =>
      api.ask('PATCH', `${CONFIG_MAPS_PATH}/a`, { body: { metadata: { finalizers } }, headers: MERGE });
    expect((await keep(['example.com/two'])).code).to.equal(200);
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).code).to.equal(200);
    expect((await keep([])).code).to.equal(200);
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).code).to.equal(404);
  });

  it('adds no finalizer to what is being deleted', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, {
      body: { metadata: { name: 'a', finalizers: ['example.com/one'] } },
    });
    await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a`);
    const { code, body } = await api.ask('PATCH', `${CONFIG_MAPS_PATH}/a`, {
      body: { metadata: { finalizers: ['example.com/one', 'example.com/two'] } },
      headers: MERGE,
    });
    expect(code).to.equal(422);
    expect(body.message).to.contain('no new finalizers can be added if the object is being deleted');
  });

  describe('of a Pod', () => {
    const bound = async (spec: Record<string, unknown> = {}): Promise<void> => {
      await api.ask('POST', PODS_PATH, { body: pod('p', spec) });
      api.objects.edit<Pod>(PODS, 'default', 'p', 'all', (edited) => {
        if (edited.spec) edited.spec.nodeName = 'node';
      });
    };
    const metadata = async (): Promise<Body['metadata']> => (await api.get(`${PODS_PATH}/p`)).body.metadata;

    it('gives it its own grace period, from now', async () => {
      await bound({ terminationGracePeriodSeconds: 7 });
      const { code, body } = await api.ask('DELETE', `${PODS_PATH}/p`);
      expect(code).to.equal(200);
      expect(body.kind).to.equal('Pod');
      expect(await metadata()).to.include({
        deletionTimestamp: '2030-01-01T00:00:07Z',
        deletionGracePeriodSeconds: 7,
      });
    });

    it('can shorten a grace period and never lengthens it', async () => {
      await bound();
      await api.ask('DELETE', `${PODS_PATH}/p`, { body: { gracePeriodSeconds: 60 } });
      await api.ask('DELETE', `${PODS_PATH}/p`, { body: { gracePeriodSeconds: 5 } });
      const shortened = { deletionTimestamp: '2030-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 };
      expect(await metadata()).to.include(shortened);
      await api.ask('DELETE', `${PODS_PATH}/p`, { body: { gracePeriodSeconds: 50 } });
      await api.ask('DELETE', `${PODS_PATH}/p`);
      expect(await metadata()).to.include(shortened);
    });

    it('takes one of any length, and writes the last time there is for its end', async () => {
      await bound();
      const far = 999_999_999_999_999;
      expect((await api.ask('DELETE', `${PODS_PATH}/p?gracePeriodSeconds=${String(far)}`)).code).to.equal(
        200,
      );
      expect(await metadata()).to.include({
        deletionTimestamp: '9999-12-31T23:59:59Z',
        deletionGracePeriodSeconds: far,
      });
      await api.ask('DELETE', `${PODS_PATH}/p?gracePeriodSeconds=5`);
      expect(await metadata()).to.include({ deletionTimestamp: '2030-01-01T00:00:05Z' });
    });

    it('with a grace period of 0 ends it', async () => {
      await bound();
      await api.ask('DELETE', `${PODS_PATH}/p`);
      const watch = await api.watch(`${PODS_PATH}?watch=1&resourceVersion=${String(api.objects.version())}`);
      const { body } = await api.ask('DELETE', `${PODS_PATH}/p?gracePeriodSeconds=0`);
      expect(body.kind).to.equal('Pod');
      expect((await api.get(`${PODS_PATH}/p`)).code).to.equal(404);
      // The grace period is seen to change before the pod is seen to go.
      expect(await watch.take(2)).to.deep.equal(['MODIFIED p', 'DELETED p']);
    });

    it('ends one that no node has, or that is over, at once', async () => {
      await api.ask('POST', PODS_PATH, { body: pod('p') });
      await api.ask('DELETE', `${PODS_PATH}/p`);
      expect((await api.get(`${PODS_PATH}/p`)).code).to.equal(404);
      await bound();
      api.objects.edit<Pod>(PODS, 'default', 'p', 'status', (edited) => {
        edited.status = { ...edited.status, phase: 'Succeeded' };
      });
      await api.ask('DELETE', `${PODS_PATH}/p`);
      expect((await api.get(`${PODS_PATH}/p`)).code).to.equal(404);
    });

    it('by eviction says so in a condition, then gives it its grace period', async () => {
      await bound();
      const { code, body } = await api.ask('POST', `${PODS_PATH}/p/eviction`, {
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: 'p' },
          deleteOptions: { gracePeriodSeconds: 3 },
        },
      });
      expect(code).to.equal(201);
      expect(body.status).to.equal('Success');
      const evicted = api.objects.get<Pod>(PODS, 'default', 'p');
      expect(evicted?.metadata.deletionGracePeriodSeconds).to.equal(3);
      expect(evicted?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).to.include({
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      });
      expect((await api.ask('POST', `${PODS_PATH}/none/eviction`, { body: {} })).code).to.equal(404);
    });
  });

  it('of a collection takes what is selected and answers with it', async () => {
    for (const name of ['a', 'b', 'c']) {
      const labels = { keep: name === 'b' ? 'yes' : 'no' };
      await api.ask('POST', CONFIG_MAPS_PATH, { body: { metadata: { name, labels } } });
    }
    const { code, body } = await api.ask('DELETE', `${CONFIG_MAPS_PATH}?labelSelector=keep=no`);
    expect(code).to.equal(200);
    expect(body.items?.map(({ metadata }) => metadata.name)).to.deep.equal(['a', 'c']);
    const { body: left } = await api.get(CONFIG_MAPS_PATH);
    expect(left.items?.map(({ metadata }) => metadata.name)).to.deep.equal(['b']);
  });

  describe('of a namespace', () => {
    beforeEach(async () => {
      await api.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: 'team' } } });
    });

    it('keeps it Terminating, and nothing new is created in it', async () => {
      const { body } = await api.ask('DELETE', '/api/v1/namespaces/team');
      expect(body.status).to.deep.include({ phase: 'Terminating' });
      const refused = await api.ask('POST', '/api/v1/namespaces/team/configmaps', { body: configMap('a') });
      expect(refused.code).to.equal(403);
      expect(refused.body.reason).to.equal('Forbidden');
      expect(refused.body.message).to.equal(
        'configmaps "a" is forbidden: unable to create new content in namespace team because it is being terminated',
      );
      expect(refused.body.details?.causes?.[0]?.reason).to.equal('NamespaceTerminating');
    });

    it('ends when its finalizers are off', async () => {
      await api.ask('DELETE', '/api/v1/namespaces/team');
      api.objects.edit<Body>(NAMESPACES, undefined, 'team', 'all', (namespace) => {
        namespace.spec = { finalizers: [] };
      });
      expect((await api.get('/api/v1/namespaces/team')).code).to.equal(404);
    });
  });
});
