// kubectl, as an operator uses it who knows Kubernetes and not Portico: what it prints tells what a person needs.
import { expect } from 'chai';
import { NODE_NAME, WORKER_IMAGE } from '../settings.ts';
import { sideBySide } from './side-by-side.ts';
import { failedWith, LOOP, STOPPED, SUCCEEDED, Tenant } from './tenant.ts';

const EMPTY = 'empty';

/** The words of each line of a table, by its heads. No value in it may have two blanks in a row. */
function tableOf(printed: string): Record<string, string>[] {
  const [heads = [], ...rows] = printed
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  return rows.map((row) => Object.fromEntries(heads.map((head, column) => [head, row[column] ?? ''])));
}

describe('kubectl, for an operator', () => {
  let tenant: Tenant;
  let kubectl: Tenant['kubectl'];
  before(async function () {
    tenant = await Tenant.start(this, { args: [`--workers=${EMPTY}`] });
    kubectl = (...args) => tenant.kubectl(...args);
  });
  after(() => tenant?.stop());

  const ended = async (script: string) => {
    const jobId = await tenant.portico.bash(script);
    await tenant.outcome(jobId);
    return jobId;
  };

  sideBySide({
    'get jobs -l portico.dev/worker-id=... lists the jobs of a worker, and how each does': async () => {
      const [succeeded, failed, running, waiting] = [
        await ended('exit 0'),
        await ended('exit 3'),
        await tenant.begun(LOOP),
        await tenant.portico.bash('exit 0', { worker_id: EMPTY }),
      ];
      const list = async (workerId: string) =>
        new Map(
          tableOf(await kubectl('get', 'jobs', '--selector', `portico.dev/worker-id=${workerId}`)).map(
            (row) => [row['NAME'], row],
          ),
        );
      const [local, empty] = [await list('local'), await list(EMPTY)];
      for (const [jobId, status, completions] of [
        [succeeded, 'Complete', '1/1'],
        [failed, 'Failed', '0/1'],
        [running, 'Running', '0/1'],
      ] as const) {
        const row = local.get(jobId);
        expect(row).to.include({ COMPLETIONS: completions });
        // Before 1.31 there is no such column.
        expect(row?.['STATUS'] ?? status).to.equal(status);
      }
      expect([...empty.keys()])
        .to.include(waiting)
        .and.not.include(running);
      expect([...local.keys()]).not.to.include(waiting);
    },

    'get jobs -o wide names the image and the container': async () => {
      const jobId = await ended('exit 0');
      const [row] = tableOf(await kubectl('get', 'job', jobId, '--output=wide'));
      expect(row).to.include({ NAME: jobId, CONTAINERS: 'job', IMAGES: WORKER_IMAGE });
      expect(row?.['DURATION']).to.match(/^\d+s$/);
    },

    'get pods -o wide finds the pods of a worker, and where they run': async () => {
      const jobId = await tenant.begun(LOOP);
      const rows = tableOf(
        await kubectl('get', 'pods', '--selector=portico.dev/worker-id=local', '--output=wide'),
      );
      const row = rows.find(({ NAME = '' }) => NAME.startsWith(jobId));
      expect(row).to.include({ READY: '1/1', STATUS: 'Running', RESTARTS: '0', NODE: NODE_NAME });
    },

    'get nodes -L portico.dev/worker-id shows the pools': async () => {
      const rows = tableOf(await kubectl('get', 'nodes', '--label-columns=portico.dev/worker-id'));
      expect(rows.find(({ NAME }) => NAME === NODE_NAME)).to.include({
        STATUS: 'Ready',
        'WORKER-ID': 'local',
      });
    },

    'describe job tells what was asked for, what became of it, and why': async () => {
      const jobId = await tenant.portico.bash('echo oops >&2; exit 3', { env: { GREETING: 'hello' } });
      await tenant.outcome(jobId);
      await tenant.recordedOutcome(jobId);
      await tenant.event(jobId, 'PodFailurePolicy');
      const description = await kubectl('describe', 'job', jobId);
      expect(description).to.match(new RegExp(`^Name: +${jobId}$`, 'm'));
      expect(description).to.match(/^Labels: +app\.kubernetes\.io\/managed-by=portico$/m);
      expect(description).to.match(/^ +portico\.dev\/worker-id=local$/m);
      expect(description).to.match(/portico\.dev\/command: bash$/m);
      expect(description).to.match(/portico\.dev\/path: -c$/m);
      expect(description).to.match(
        /portico\.dev\/outcome:\s+\{"state":"failed","errorText":"exit status 3".*oops/s,
      );
      expect(description).to.match(/^Pods Statuses: +0 Active \(0 Ready\) \/ 0 Succeeded \/ 1 Failed$/m);
      expect(description).to.match(/^ +GREETING: +hello$/m);
      expect(description).to.match(/^ +echo oops >&2; exit 3$/m);
      expect(description).to.match(/Normal +SuccessfulCreate .* Created pod: /);
      expect(description).to.match(/Warning +PodFailurePolicy .* failed with exit code 3 /);
    },

    'describe pod of a job that waits tells why': async () => {
      const jobId = await tenant.portico.bash('exit 0', { worker_id: EMPTY });
      await tenant.event(await tenant.pod(jobId, ({ metadata }) => metadata.name), 'FailedScheduling');
      const description = await kubectl('describe', 'pod', '--selector', `job-name=${jobId}`);
      expect(description).to.match(new RegExp(`^Node-Selectors: +portico\\.dev/worker-id=${EMPTY}$`, 'm'));
      expect(description).to.match(/FailedScheduling .* didn't match Pod's node affinity\/selector/);
    },

    'logs job/ID prints what it has printed, and -f follows it to its end': async () => {
      const jobId = await tenant.begun('echo begun; sleep 1; echo over >&2');
      expect(await kubectl('logs', '--follow', `job/${jobId}`)).to.equal('begun\nover\n');
      expect(await kubectl('logs', `job/${jobId}`)).to.equal('begun\nover\n');
      expect(await kubectl('logs', `job/${jobId}`, '--tail=1')).to.equal('over\n');
    },

    'exec looks into a job that runs': async () => {
      const jobId = await tenant.begun(LOOP);
      const printed = await kubectl('exec', `job/${jobId}`, '--', 'bash', '-c', 'echo $PWD');
      expect(printed).to.equal('/portico\n');
    },

    'wait --for=condition=complete returns when it has succeeded, --for=condition=failed when it has failed':
      async () => {
        const [good, bad] = [await tenant.portico.bash('exit 0'), await tenant.portico.bash('exit 3')];
        const wait = (jobId: string, condition: string) =>
          kubectl('wait', `--for=condition=${condition}`, '--timeout=60s', `job/${jobId}`);
        expect(await wait(good, 'complete')).to.equal(`job.batch/${good} condition met\n`);
        expect(await wait(bad, 'failed')).to.equal(`job.batch/${bad} condition met\n`);
        expect(await tenant.outcome(good)).to.deep.equal(SUCCEEDED);
        expect(await tenant.outcome(bad)).to.deep.equal(failedWith('exit status 3'));
      },

    'delete job returns when it and its pod are gone, and its outcome stays to be read': async () => {
      const jobId = await tenant.begun(LOOP);
      expect(await kubectl('delete', 'job', jobId)).to.match(new RegExp(`^job.batch "${jobId}" deleted`));
      expect(await kubectl('get', 'jobs,pods', '--selector', `job-name=${jobId}`, '--output=name')).to.equal(
        '',
      );
      expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      const records = await kubectl('get', 'configmaps', '-l', 'portico.dev/record=outcome', '-o', 'json');
      expect(records).to.include(jobId).and.include('signal: killed');
    },

    'delete jobs -l ends several at once': async () => {
      const jobIds = await Promise.all([tenant.begun(LOOP), tenant.begun(LOOP), tenant.begun(LOOP)]);
      await kubectl('label', 'jobs', ...jobIds, 'batch=1');
      await kubectl('delete', 'jobs', '--selector=batch=1');
      for (const jobId of jobIds) expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      expect(
        await kubectl('get', 'pods', '--selector', `job-name in (${jobIds.join()})`, '-o', 'name'),
      ).to.equal('');
    },

    'events tell the story of a job, and of its pod': async () => {
      const jobId = await ended('exit 0');
      const reasons = (printed: string) => tableOf(printed).map(({ REASON }) => REASON);
      await tenant.event(jobId, 'Completed');
      expect(reasons(await kubectl('events', `--for=job/${jobId}`))).to.deep.equal([
        'SuccessfulCreate',
        'Completed',
      ]);
      const pod = await tenant.pod(jobId, ({ metadata }) => metadata.name);
      await tenant.event(pod, 'Started');
      expect(reasons(await kubectl('events', `--for=pod/${pod}`))).to.include.members([
        'Scheduled',
        'Created',
        'Started',
      ]);
    },
  });
});
