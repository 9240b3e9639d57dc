// Portico under the real authorization: the rights of the list are enough, all of them are needed, and each is missed.
import { expect } from 'chai';
import { RIGHTS } from '../../../src/controller/api/permissions.ts';
import { type Portico, runToEnd } from '../../support/portico.ts';
import { type Asked, rightName } from '../audit.ts';
import { theCluster } from '../current.ts';
import { type Act, BEHAVIOURS, type Start } from './rights.ts';
import { World } from './world.ts';

describe('with the rights of the list, and no others', () => {
  let world: World;
  let asked: Asked[];
  before(async function () {
    world = await World.create(this);
    for (const behaviour of Object.values(BEHAVIOURS)) {
      if ('isStart' in behaviour) continue;
      await behaviour.done(world, await behaviour.begin(world));
    }
    const key = { 'idempotency-key': '"nightly"' };
    const [first, second] = [await world.start(key), await world.start(key)];
    expect(first.body).to.deep.equal(second.body);
    const { kubeconfig, jobs } = world.account;
    const released = await runToEnd(['release', `--kubeconfig=${kubeconfig}`, `--namespace=${jobs}`]);
    expect(released).to.include({ code: 0, stderr: '' });
    await world.portico.stop();
    asked = (await theCluster(this).asked()).filter(({ user }) => user === world.account.user);
  });
  after(() => world?.end());

  it('nothing that Portico asks for is refused', () => {
    expect(asked.filter(({ allowed }) => !allowed)).to.deep.equal([]);
  });

  it('each right is used, where it is given', () => {
    const used = asked.map((each) => `${rightName(each)} in ${each.namespace ?? 'the cluster'}`);
    const given = RIGHTS.map(
      (right) => `${rightName(right)} in ${world.account.namespaceOf(right) ?? 'the cluster'}`,
    );
    expect([...new Set(used)].sort()).to.deep.equal(given.sort());
  });
});

describe('without the right to', () => {
  let world: World;
  before(async function () {
    world = await World.create(this);
  });
  afterEach(() => {
    world.forget();
  });
  after(() => world?.end());

  async function isMissedByAnAct(right: (typeof RIGHTS)[number], act: Act<unknown>): Promise<void> {
    await world.account.take(right);
    const begun = await act.begin(world);
    if (act.inBackground) await world.named(right);
    await act.without(world, begun);
    await world.named(right);
    await world.account.give(right);
    await act.done(world, begun);
  }

  async function isMissedAtTheStart(right: (typeof RIGHTS)[number], { lease }: Start): Promise<void> {
    const args = [`--lease-name=${await lease(world)}`];
    await world.account.take(right);
    let portico: Portico | undefined;
    try {
      portico = await world.startPortico({ args, until: 'listening' });
      await world.untilReadinessIs(portico, (status, reasons) =>
        status === 503 && reasons.some((reason) => reason.startsWith(world.textFor(right)))
          ? true
          : undefined,
      );
      await world.named(right);
      await world.account.give(right);
      await world.untilReadinessIs(portico, (status) => (status === 200 ? true : undefined));
    } finally {
      await portico?.stop();
    }
  }

  for (const right of RIGHTS) {
    const name = `${right.verb} ${right.resource}`;
    const behaviour = BEHAVIOURS[name];
    it(`${name}, ${behaviour?.fails ?? 'nothing fails'}; and all is well when it is given`, async () => {
      if (!behaviour) throw new Error(`expected a behaviour that needs the right to ${name}, got none`);
      if ('isStart' in behaviour) await isMissedAtTheStart(right, behaviour);
      else await isMissedByAnAct(right, behaviour);
    });
  }
});
