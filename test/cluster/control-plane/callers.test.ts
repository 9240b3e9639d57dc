// Callers with real ServiceAccounts, tokens and Roles, as docs/guides/callers.md has them. No pod runs: who may start a job is settled before.
import { expect } from 'chai';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CALLER_RIGHTS } from '../../../src/controller/api/permissions.ts';
import { Kubectl } from '../../support/kubectl.ts';
import { type Answer, freshFolder, Portico } from '../../support/portico.ts';
import { Account, rulesOf } from '../account.ts';
import type { KubeObject } from '../api.ts';
import { createNamespace } from '../../support/namespaces.ts';
import { ask } from '../cases/tenant.ts';
import type { Cluster } from '../cluster.ts';
import { theCluster } from '../current.ts';

const AUDIENCE = 'portico';
const REF = { job_id: 'b2b1f3a4-0000-4000-8000-000000000000' };

describe('callers with tokens, on a real API server', () => {
  let cluster: Cluster;
  let folder: string;
  /** Portico's own, without a right about callers. */
  let account: Account;
  let ci: string;
  let portico: Portico;
  /** Of the ServiceAccount that the documentation calls runner: its name, and its token for us. */
  let runner: string;
  let token: string;

  before(async function () {
    cluster = theCluster(this);
    folder = await freshFolder();
    account = await Account.create(cluster, folder);
    ci = await createNamespace(cluster.api);
    runner = `system:serviceaccount:${ci}:runner`;
    await createAccount(ci, 'runner');
    await apply(await documented('Role', 'RoleBinding'));
    await untilListed(runner, /workers\.portico\.dev\/jobs .*\[gpu\]/);
    token = await tokenOf(ci, 'runner', AUDIENCE);
    const { jobs, records, kubeconfig } = account;
    const own = [`--kubeconfig=${kubeconfig}`, `--namespace=${jobs}`, `--record-namespace=${records}`];
    portico = await Portico.start({
      args: [...own, '--workers=gpu,cpu', '--auth-mode=token', '--max-jobs-per-caller=2'],
    });
  });
  after(async () => {
    await portico?.stop();
    await run('delete', 'clusterrole,clusterrolebinding', 'portico-reviews', '--ignore-not-found');
    await account?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]) => new Kubectl({ kubeconfig: cluster.kubeconfig, folder }).ok(args);
  const createAccount = (namespace: string, name: string) =>
    run('create', 'serviceaccount', name, `--namespace=${namespace}`);
  const tokenOf = async (namespace: string, name: string, audience?: string) =>
    (
      await run(
        'create',
        'token',
        name,
        `--namespace=${namespace}`,
        ...(audience ? ['--audience', audience] : []),
      )
    ).trim();

  async function apply(objects: readonly KubeObject[]): Promise<void> {
    const file = join(folder, 'objects.json');
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    await run('apply', '--filename', file);
  }

  /** Objects of docs/guides/callers.md, in the namespaces of this run. */
  async function documented(...kinds: string[]): Promise<KubeObject[]> {
    const text = await readFile(join(import.meta.dirname, '../../../docs/guides/callers.md'), 'utf8');
    const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
    const renamed = blocks
      .join('---\n')
      .replaceAll('namespace: portico-jobs', `namespace: ${account.jobs}`)
      .replaceAll('namespace: portico\n', `namespace: ${account.records}\n`)
      .replaceAll('namespace: ci', `namespace: ${ci}`);
    const objects = parseAllDocuments(renamed).map((document) => document.toJS() as KubeObject);
    const found = objects.filter(({ kind = '' }) => kinds.includes(kind));
    expect(found.map(({ kind }) => kind)).to.have.members(kinds);
    return found;
  }

  /** The API server takes a moment to see what was written. */
  const untilListed = (who: string, right: RegExp) =>
    ask(async () => {
      const rights = await run('auth', 'can-i', '--list', `--namespace=${account.jobs}`, '--as', who);
      return right.test(rights) || undefined;
    });

  const call = (path: string, body: object, bearer = token): Promise<Answer> =>
    portico.post(path, body, bearer === '' ? {} : { authorization: `Bearer ${bearer}` });
  const start = (worker_id: string, bearer = token) =>
    call('/start', { worker_id, command: 'bash', path: 'x.sh' }, bearer);
  /** Whether a call and /readyz say that Portico may not create `reviews`. */
  const isMissing = (reviews: string) =>
    ask(async () => {
      const refused = await call('/query', { worker_id: 'gpu', ...REF });
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '30']);
      const ready = await fetch(`${portico.url}/readyz`);
      return (await ready.text()).includes(`cannot create ${reviews}: give `) || undefined;
    });
  /** Until it is something else than that nobody can say who calls. */
  const untilAnswered = async () =>
    ask(async () => {
      const answer = await call('/query', { worker_id: 'gpu', ...REF });
      return answer.status === 503 ? undefined : answer;
    });

  it('are 503 while Portico may not ask who they are, or what they may, and are served once it may', async () => {
    await isMissing('tokenreviews');
    const [binding] = await documented('ClusterRoleBinding');
    const [role] = await documented('ClusterRole');
    if (!binding || !role) throw new Error('expected a role and its binding to be documented');
    await apply([
      binding,
      { ...role, rules: rulesOf(CALLER_RIGHTS.filter(({ resource }) => resource === 'tokenreviews')) },
    ]);
    await isMissing('subjectaccessreviews');
    await apply([role]);
    expect(await untilAnswered()).to.deep.include({ status: 500, body: { error: 'job not found' } });
  });

  it('may what their Role says, and who they are is on the Job', async () => {
    const { status, body } = await start('gpu');
    expect(status).to.equal(201);
    const job_id = body['job_id'] as string;
    const job = await cluster.api.call('GET', `/apis/batch/v1/namespaces/${account.jobs}/jobs/${job_id}`);
    expect(job.metadata['annotations']).to.include({ 'portico.dev/started-by': runner });
    expect((await call('/query', { worker_id: 'gpu', job_id })).body).to.include({ done: false });
    const headers = { authorization: `Bearer ${token}` };
    const read = await fetch(`${portico.url}/jobs/${job_id}`, { headers });
    expect(await read.json()).to.include({ job_id, state: 'pending', started_by: runner });
    expect((await fetch(`${portico.url}/jobs?worker_id=gpu`, { headers })).status).to.equal(200);
    expect((await fetch(`${portico.url}/jobs`, { headers })).status).to.equal(403);
    expect((await call('/stop', { worker_id: 'gpu', job_id })).body).to.deep.equal({ success: true });
    await ask(async () => (await call('/query', { worker_id: 'gpu', job_id })).body['done'] || undefined);
  });

  it('are 403 beyond it, whether there is such a worker and job or not', async () => {
    for (const [path, verb] of [
      ['/start', 'create'],
      ['/stop', 'delete'],
    ] as const) {
      for (const worker_id of ['cpu', 'nowhere']) {
        const answer = await call(path, { worker_id, command: 'bash', path: 'x', ...REF });
        expect(answer).to.deep.include({
          status: 403,
          body: {
            error: `expected the right to ${verb} workers/jobs "${worker_id}" in namespace ${account.jobs}, API group portico.dev: ${runner} does not have it`,
          },
        });
      }
    }
    expect((await call('/query', { worker_id: 'cpu', ...REF })).body).to.deep.equal({
      error: 'job not found',
    });
  });

  it('are 401 with a token for others, of nobody, or of an account that is gone', async () => {
    await createAccount(ci, 'gone');
    const orphan = await tokenOf(ci, 'gone', AUDIENCE);
    await run('delete', 'serviceaccount', 'gone', `--namespace=${ci}`);
    const words = (bearer: string) => ({
      error: `expected a token of this cluster for the audience "portico", got one ${bearer}`,
    });
    // The API server, too, takes a moment to see that an account has gone.
    const refused = await ask(async () => {
      const answer = await start('gpu', orphan);
      return answer.status === 403 ? undefined : answer;
    });
    expect(refused).to.deep.include({ status: 401, body: words('that it does not accept') });
    const foreign = await start('gpu', await tokenOf(ci, 'runner'));
    expect(foreign.status).to.equal(401);
    expect(foreign.body['error']).to.match(/got one for "https:\/\/kubernetes/);
    expect(await start('gpu', 'rubbish')).to.deep.include({ status: 401, body: words('that is no JWT') });
    expect(foreign.headers.get('www-authenticate')).to.match(
      /^Bearer realm="portico", error="invalid_token", /,
    );
    const [head = '', payload = ''] = token.split('.');
    expect((await start('gpu', `${head}.${payload}.AAAA`)).status).to.equal(401);
    expect((await start('gpu', '')).headers.get('www-authenticate')).to.equal('Bearer realm="portico"');
  });

  it('are 429 beyond their limit', async () => {
    const statuses = [];
    for (let times = 0; times < 3; times++) statuses.push((await start('gpu')).status);
    expect(statuses).to.deep.equal([201, 201, 429]);
    const { body, headers } = await start('gpu');
    expect(body['error']).to.equal(
      `expected at most 2 unfinished jobs of ${runner}, got one more than 2: try again when one has ended`,
    );
    expect(headers.get('retry-after')).to.equal('5');
  });
});
