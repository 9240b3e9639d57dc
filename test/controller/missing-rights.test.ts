// A right that is missing is named: in the log once, until it is given, and by whoever is not ready for want of it.
import { expect } from 'chai';
import type { Controller } from '../../src/controller/controller.ts';
import { MissingPermissions } from '../../src/controller/api/missing-permissions.ts';
import { silent } from '../../src/base/logger.ts';
import { controllerOn } from '../support/controller.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { JOB_ID, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';
import { RefusingApi, USER } from '../support/refusing-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const LIST_JOBS = `cannot list jobs in namespace ${NAMESPACE}: give {apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"]} in a Role there`;
const REQUEST = { workerId: 'local', command: 'bash', path: 'x', args: [], env: {} };

describe('a right that is missing', () => {
  let api: RefusingApi;
  let client: MissingPermissions;
  let logged: { level: string; message: string; fields: object }[];
  beforeEach(() => {
    logged = [];
    const at = (level: string) => (fields: object, message: string) =>
      logged.push({ level, message, fields });
    api = new RefusingApi(new MemoryApi());
    client = new MissingPermissions(api, { ...silent, info: at('info'), error: at('error') });
  });
  const list = () => client.request({ path: JOBS, query: {} }).catch(() => undefined);

  it('is logged once, with the rule to add, who lacks it and what it is for', async () => {
    api.taken.add('list jobs');
    await list();
    await list();
    expect(logged).to.deep.equal([
      {
        level: 'error',
        message: 'right missing',
        fields: {
          missing: LIST_JOBS,
          for: 'reading the jobs into memory; `portico release`',
          user: USER,
        },
      },
    ]);
    expect(client.texts()).to.deep.equal([LIST_JOBS]);
  });

  it('is logged again when it was given meanwhile and is taken away anew', async () => {
    for (let time = 1; time <= 2; time++) {
      api.taken.add('list jobs');
      await list();
      api.taken.clear();
      await list();
    }
    const [missing, given] = ['right missing', 'right given'];
    expect(logged.map(({ message }) => message)).to.deep.equal([missing, given, missing, given]);
    expect(client.texts()).to.deep.equal([]);
  });

  it('stays missing while other calls succeed', async () => {
    api.taken.add('watch jobs');
    await client.lines({ path: JOBS, query: { watch: true } }).catch(() => undefined);
    await list();
    expect(client.texts()).to.have.length(1);
  });
});

describe('a replica that lacks a right', () => {
  let api: RefusingApi;
  let clock: FakeClock;
  let controller: Controller;
  let warnings: string[];
  let end: () => Promise<void>;
  beforeEach(() => {
    api = new RefusingApi(new MemoryApi());
    clock = fakeClock();
    warnings = [];
    controller = controllerOn({
      client: api,
      clock,
      log: { ...silent, warn: (_fields, message) => warnings.push(message) },
    });
  });
  afterEach(() => end());

  async function start(): Promise<void> {
    const stop = new AbortController();
    const running = controller.run(stop.signal);
    end = async () => {
      stop.abort();
      await running;
    };
    await clock.advance(0);
  }
  const take = (...rights: string[]) => {
    for (const right of rights) api.taken.add(right);
  };
  const reasons = () => controller.notReadyReasons();
  const readyAgain = async () => {
    api.taken.clear();
    await clock.advance(30_000);
    expect(reasons()).to.deep.equal([]);
  };

  for (const [verb, resource, place] of [
    ['list', 'jobs', `in namespace ${NAMESPACE}`],
    ['watch', 'jobs', `in namespace ${NAMESPACE}`],
    ['list', 'configmaps', 'in namespace portico'],
    ['watch', 'configmaps', 'in namespace portico'],
    ['get', 'leases', 'in namespace portico'],
    ['create', 'leases', 'in namespace portico'],
  ] as const) {
    it(`to ${verb} ${resource} is not ready, names it, warns once, and is ready when it is given`, async () => {
      take(`${verb} ${resource}`);
      await start();
      // Watches that are refused leave their lists to tell what there is, so nothing seems to be silent.
      await clock.advance(600_000);
      const [first, ...more] = reasons();
      expect(more).to.deep.equal([]);
      expect(first).to.match(
        new RegExp(`^cannot ${verb} ${resource} ${place}: give \\{.*\\} in a Role there$`),
      );
      expect(warnings).to.have.length(1);
      await readyAgain();
    });
  }

  for (const verb of ['list', 'watch']) {
    it(`to ${verb} nodes is not ready, names it, and is ready when it is given`, async () => {
      take(`${verb} nodes`);
      await start();
      expect(reasons()).to.have.length(1);
      expect(reasons()[0]).to.match(new RegExp(`^cannot ${verb} nodes: give \\{.*\\} in a ClusterRole$`));
      await readyAgain();
    });
  }

  it('that it has had until now is ready for another three minutes, and names it then', async () => {
    await start();
    await clock.advance(60_000);
    take('update leases');
    await clock.advance(150_000);
    expect(reasons()).to.deep.equal([]);
    await clock.advance(60_000);
    expect(reasons()).to.have.length(1);
    expect(reasons()[0]).to.match(/^cannot update leases in namespace portico: give /);
    await readyAgain();
  });

  it('to do what it is asked for is ready all the same, and refuses that alone', async () => {
    take('create jobs');
    await start();
    const failure = await controller.jobService.start(REQUEST).catch((error: unknown) => error);
    expect(failure).to.include({ code: 403 });
    expect(reasons()).to.deep.equal([]);
    api.taken.clear();
    expect(await controller.jobService.start(REQUEST)).to.equal(JOB_ID);
  });
});
