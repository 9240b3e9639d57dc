import { expect } from 'chai';
import { workerList } from '../../src/http/contract/worker-json.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';
import { startPortico, type Portico } from './fixture.ts';

describe('reading workers over HTTP', () => {
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  beforeEach(async () => {
    world = memoryReads();
    portico = await startPortico({ views: world.reads });
  });
  afterEach(() => portico.listening.stop());

  it('has pools, their nodes, and how many jobs they have in each state', async () => {
    const labels = { 'portico.dev/worker-id': 'local' };
    world.api.put('/api/v1/nodes', { metadata: { name: 'node-1', labels } });
    world.store.jobs.replace([seen({ name: 'a', createdAt: 7 }), seen({ name: 'b', state: 'stopped' })]);
    const { status, headers, json } = await portico.call({ method: 'GET', path: '/workers' });
    expect([status, headers['cache-control'], headers.age]).to.deep.equal([200, 'no-store', undefined]);
    const none = { pending: 0, running: 0, stopping: 0, succeeded: 0, failed: 0, stopped: 0 };
    expect(json).to.deep.equal({
      items: [
        { worker_id: 'declared', declared: true, nodes: [], jobs: none },
        {
          worker_id: 'local',
          declared: false,
          nodes: [{ name: 'node-1', ready: false, schedulable: true }],
          jobs: { ...none, running: 1, stopped: 1 },
          last_job_at: '2030-01-01T00:00:07Z',
        },
      ],
    });
    expect(workerList.parse(json)).to.deep.equal(json);
  });
});
