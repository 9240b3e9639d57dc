import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { CONFIG_MAPS } from '../../../src/devcluster/kinds/index.ts';
import { expand } from '../../../src/devcluster/node/expansion.ts';
import type { ConfigMap } from '../../../src/kube/wire.ts';
import { TestNode, waitingOf } from './support.ts';

describe('what a pod is run with', () => {
  let node: TestNode;
  before(() => {
    node = new TestNode({
      environment: { LANG: 'C', LC_TIME: 'C', SECRET: 'of the user', HOME: '/home/of-the-user' },
    });
    mkdirSync(join(node.folder, 'sub'));
  });
  after(() => node.close());

  const addConfigMap = (name: string, data: Record<string, string>) =>
    node.objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name }, data });
  const outputOf = async (name: string) => {
    await node.ended(name);
    return node.log(name);
  };

  it('its arguments, word by word, through no shell', async () => {
    node.add('args', { command: ['printf', '%s\\n'], args: ['a b', '*', '$HOME', '$$(date)', '"', ''] });
    expect(await outputOf('args')).to.equal('a b\n*\n$HOME\n$(date)\n"\n\n');
  });

  it('nothing on its standard input', async () => {
    node.script('stdin', 'cat; echo done');
    expect(await outputOf('stdin')).to.equal('done\n');
  });

  it("a few of the user's variables, and no other", async () => {
    node.add('env', { command: ['env'] });
    const names = (await outputOf('env')).split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(names.sort()).to.deep.equal(['HOME', 'HOSTNAME', 'LANG', 'LC_TIME', 'PATH', 'PORTICO_POD_UID']);
  });

  it("the pod's own variables, which win", async () => {
    node.add('own', {
      command: ['bash', '-c', 'echo "$LANG $HOSTNAME $A $B $C $PORTICO_POD_UID"'],
      env: [
        { name: 'LANG', value: 'de' },
        { name: 'A', value: 'a' },
        { name: 'B', value: '$(A)$(A) $$(A) $(NONE) $(C)' },
        { name: 'C', value: 'c' },
        { name: 'PORTICO_POD_UID', value: 'forged' },
      ],
    });
    const uid = node.pod('own')?.metadata.uid ?? '';
    expect(await outputOf('own')).to.equal(`de own a aa $(A) $(NONE) $(C) c ${uid}\n`);
  });

  it('fields of the pod', async () => {
    const fields = [
      'metadata.name',
      'metadata.namespace',
      'spec.nodeName',
      'status.podIP',
      "metadata.labels['app']",
      "metadata.annotations['none']",
    ];
    node.add('fields', {
      command: ['bash', '-c', fields.map((_, index) => `echo "$F${String(index)}"`).join(';')],
      env: fields.map((fieldPath, index) => ({
        name: `F${String(index)}`,
        valueFrom: { fieldRef: { fieldPath } },
      })),
    });
    expect(await outputOf('fields')).to.equal('fields\ndefault\nlocal\n127.0.0.1\ntest\n\n');
  });

  it('values of config maps', async () => {
    addConfigMap('settings', { one: '1', two: '2' });
    node.add('maps', {
      command: ['bash', '-c', 'echo "$ONE $S_one $S_two ${NONE-unset}"'],
      envFrom: [
        { prefix: 'S_', configMapRef: { name: 'settings' } },
        { configMapRef: { name: 'none', optional: true } },
      ],
      env: [
        { name: 'ONE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'one' } } },
        { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'three', optional: true } } },
      ],
    });
    expect(await outputOf('maps')).to.equal('1 1 2 unset\n');
  });

  it('not before what it refers to is there: CreateContainerConfigError', async () => {
    node.add('early', {
      command: ['bash', '-c', 'echo "$LATER"'],
      env: [{ name: 'LATER', valueFrom: { configMapKeyRef: { name: 'later', key: 'k' } } }],
    });
    const pod = await node.until('early', (each) => waitingOf(each) !== undefined);
    expect(pod?.status?.phase).to.equal('Pending');
    expect(waitingOf(pod)).to.deep.equal({
      reason: 'CreateContainerConfigError',
      message: 'configmap "later" not found',
    });
    expect(node.eventsOf('early')).to.deep.equal(['Failed: Error: configmap "later" not found']);
    addConfigMap('later', { k: 'now' });
    expect(await outputOf('early')).to.equal('now\n');
  });

  const unconfigurable: [
    what: string,
    spec: Parameters<TestNode['add']>[1],
    reason: string,
    message: string,
  ][] = [
    [
      'a key that a config map does not have',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'keys', key: 'nope' } } }] },
      'CreateContainerConfigError',
      "couldn't find key nope in ConfigMap default/keys",
    ],
    [
      'a secret',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      'CreateContainerConfigError',
      'secret "s" not found',
    ],
    ['no command: images are not run', { args: ['x'] }, 'CreateContainerError', 'no command specified'],
  ];
  for (const [index, [what, container, reason, message]] of unconfigurable.entries()) {
    it(`not with ${what}`, async () => {
      const name = `wrong${String(index)}`;
      if (index === 0) addConfigMap('keys', {});
      node.add(name, index === 2 ? container : { command: ['true'], ...container });
      const pod = await node.until(name, (each) => waitingOf(each) !== undefined);
      expect(waitingOf(pod)).to.deep.equal({ reason, message });
    });
  }

  it('not where containers would have to be started again: such a pod is refused', () => {
    expect(() => {
      node.add('always', { command: ['true'] }, { restartPolicy: 'Always' });
    }).to.throw(/spec\.restartPolicy Always/);
  });

  it('in the folder of the cluster, where relative ones begin', async () => {
    node.add('here', { command: ['pwd'] });
    node.add('sub', { command: ['pwd'], workingDir: 'sub' });
    node.add('root', { command: ['pwd'], workingDir: '/' });
    expect(await outputOf('here')).to.equal(`${node.folder}\n`);
    expect(await outputOf('sub')).to.equal(`${join(node.folder, 'sub')}\n`);
    expect(await outputOf('root')).to.equal('/\n');
  });

  describe('references to variables', () => {
    const known = (name: string) => (name === 'A' ? '$(A)!' : undefined);

    for (const [text, expected] of [
      ['$(A)', '$(A)!'],
      ['$$(A)', '$(A)'],
      ['$$$(A)', '$$(A)!'],
      ['$(B) $A ${A} $', '$(B) $A ${A} $'],
      ['$(A', '$(A'],
      ['$()', '$()'],
      ['a$$b', 'a$b'],
    ] as const) {
      it(`${text} is ${expected}`, () => {
        expect(expand(text, known)).to.equal(expected);
      });
    }

    it('any text comes through when its dollar signs are doubled', () => {
      fc.assert(fc.property(fc.string(), (text) => expand(text.replaceAll('$', '$$$$'), () => 'x') === text));
    });
  });
});
