// A Portico on its embedded cluster, with a job of every kind that the page shows.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventClient } from '../support/events.ts';
import { Portico } from '../support/portico.ts';

/** What must never run, nor become HTML. */
export const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

/** Of one node two jobs do not find room for this at a time. */
const CPUS = `${String(Math.round(availableParallelism() * 600))}m`;
const TEMPLATE = `
apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      containers:
        - name: job
          resources: { requests: { cpu: ${CPUS} } }
`;

const COUNT =
  'for n in $(seq 1 100000); do echo "step $n of the training: loss 0.$((RANDOM % 90 + 10))"; sleep 0.1; done';

export interface Scene {
  portico: Portico;
  jobs: Record<
    | 'running'
    | 'pending'
    | 'succeeded'
    | 'failed'
    | 'killed'
    | 'stopped'
    | 'stopping'
    | 'hostile'
    | 'hostileCommand',
    string
  >;
  end(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-page-'));
  const template = join(folder, 'template.yaml');
  await writeFile(template, TEMPLATE);
  const portico = await Portico.start({
    stateDir: join(folder, 'state'),
    args: ['--workers=gpu,cpu,batch', `--job-template=${template}`, '--grace-seconds=60'],
  });
  const end = async () => {
    // The job that does not want to stop would be waited for.
    await portico.end('SIGKILL');
    await rm(folder, { recursive: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    return { portico, jobs: await startJobs(portico), end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startJobs(portico: Portico): Promise<Scene['jobs']> {
  const start = async (
    worker_id: string,
    command: string,
    path: string,
    ...args: string[]
  ): Promise<string> => {
    const { status, body } = await portico.post('/start', { worker_id, command, path, args });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body['job_id'] as string;
  };
  const done = (worker_id: string, job_id: string) =>
    portico.post('/query', { worker_id, job_id }, { prefer: 'wait=30' });
  const run = async (...job: Parameters<typeof start>): Promise<string> => {
    const jobId = await start(...job);
    await done(job[0], jobId);
    return jobId;
  };
  const stop = (worker_id: string, job_id: string) => portico.post('/stop', { worker_id, job_id });

  const hostile = await run('batch', 'bash', '-c', `echo '${HOSTILE}'`, HOSTILE);
  const hostileCommand = await run('batch', HOSTILE, HOSTILE);
  const killed = await run('batch', 'bash', '-c', 'kill -SEGV $$');
  const succeeded = await run('batch', 'bash', '-c', 'echo "42 rows written"');
  const failed = await run('batch', 'bash', '-c', 'echo "no such input: /data/2030-01-01.csv"; exit 3');
  const stopped = await start('batch', 'sleep', '600');
  await stop('batch', stopped);
  await done('batch', stopped);
  const stopping = await start('cpu', 'bash', '-c', "trap '' TERM; echo ready; while :; do sleep 1; done");
  const running = await start('gpu', 'bash', '-c', COUNT);
  // Running it may not have come so far that it ignores SIGTERM.
  await portico.hasPrinted(stopping, 'ready');
  await stop('cpu', stopping);
  await isIn(portico, running, 'running');
  const pending = await start('gpu', 'python3', 'train.py', '--epochs=90');
  return { running, pending, succeeded, failed, killed, stopped, stopping, hostile, hostileCommand };
}

/** Resolves once the job is in that state. */
export async function isIn(portico: Portico, jobId: string, state: string): Promise<void> {
  const events = await EventClient.open(`${portico.url}/jobs?watch=true&state=${state}`);
  await events.until(({ data }) => data['job_id'] === jobId);
  events.close();
}
