// What Prometheus sees of a Portico that runs jobs.
import { expect } from 'chai';
import { valueOf } from '../support/exposition.ts';
import { Portico } from '../support/portico.ts';

describe('the metrics', () => {
  let portico: Portico;
  before(async () => {
    portico = await Portico.start();
  });
  after(() => portico.stop());

  /** An outcome is known a moment before it is written: so it is looked again until the figure is as wanted. */
  async function until(wanted: (text: string) => boolean): Promise<string> {
    for (;;) {
      const text = await portico.metrics();
      if (wanted(text)) return text;
    }
  }

  it('count jobs and how they end, and what the API server is asked for them', async () => {
    const before = await portico.metrics();
    const ids = [await portico.bash('exit 0'), await portico.bash('exit 3'), await portico.bash('sleep 600')];
    await portico.stopJob(ids[2] ?? '');
    for (const id of ids) await portico.outcome(id);
    const finished = (text: string, ending: string) =>
      valueOf(text, 'portico_jobs_finished_total', { worker_id: 'local', ending });
    const after = await until((text) => finished(text, 'stopped') > finished(before, 'stopped'));
    const more = (name: string, labels: Record<string, string>) =>
      valueOf(after, name, labels) - valueOf(before, name, labels);
    for (const ending of ['succeeded', 'exit_status', 'stopped']) {
      expect(more('portico_jobs_finished_total', { ending }), ending).to.equal(1);
    }
    for (const state of ['succeeded', 'failed', 'stopped']) {
      expect(more('portico_jobs', { worker_id: 'local', state }), state).to.equal(1);
    }
    expect(more('portico_kube_requests_total', { verb: 'create', resource: 'jobs', code: '201' })).to.equal(
      3,
    );
    // Of all three, only why one failed was asked for.
    expect(more('portico_kube_requests_total', { verb: 'get', resource: 'pods' })).to.equal(1);
    expect(more('portico_http_requests_total', { route: '/start', code: '201' })).to.equal(3);
    expect(more('portico_event_to_answer_seconds_count', {})).to.be.greaterThan(3);
  });

  it('say who leads, and that all watches are well', async () => {
    const text = await until((text) => valueOf(text, 'portico_lease_held') === 1);
    for (const watch of ['jobs', 'outcome records', 'nodes']) {
      expect(valueOf(text, 'portico_watch_last_event_age_seconds', { watch }), watch).to.be.within(0, 180);
    }
    expect(valueOf(text, 'portico_watch_objects', { watch: 'nodes' })).to.be.at.least(1);
    expect(valueOf(text, 'portico_build_info')).to.equal(1);
    expect(valueOf(text, 'process_resident_memory_bytes')).to.be.greaterThan(0);
  });
});
