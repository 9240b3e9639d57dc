import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import { Refusal } from '../../../src/devcluster/status.ts';
import { TestNode } from './support.ts';

describe("a pod's log", () => {
  let node: TestNode;
  before(() => {
    node = new TestNode();
  });
  after(() => node.close());

  const lines = (count: number, from = 1) =>
    Array.from({ length: count }, (_, index) => `line ${String(from + index)}\n`).join('');
  const count = (to: number) => `for ((i = 1; i <= ${String(to)}; i++)); do echo line $i; done`;

  it('has every line, in the order in which they were written', async () => {
    await node.runScript('many', count(2_000));
    expect(await node.log('many')).to.equal(lines(2_000));
  });

  it('has standard output and standard error in one order', async () => {
    await node.runScript('both', 'for i in 1 2 3; do echo out $i; echo err $i >&2; done');
    expect(await node.log('both')).to.equal('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
  });

  it('can be opened by name, as scripts do', async () => {
    await node.runScript(
      'named',
      'echo one; echo two > /dev/stderr; echo three > /dev/stdout; echo four | tee /dev/stderr',
    );
    expect(await node.log('named')).to.equal('one\ntwo\nthree\nfour\nfour\n');
  });

  it('has a last line without an end, and bytes that are no text', async () => {
    await node.runScript('bytes', String.raw`printf 'a\0b\377\r\nlast'`);
    const pieces: Buffer[] = [];
    for await (const piece of node.reading('bytes')) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces)).to.deep.equal(Buffer.from('a\0b\xff\r\nlast', 'latin1'));
  });

  it('has a line that comes in parts as one', async () => {
    node.script(
      'parts',
      'read() { builtin read -t 0.01 x < <(:); }; printf a; read; printf b; read; echo c; echo d',
    );
    await node.ended('parts');
    const stamped = await node.log('parts', { timestamps: true });
    expect(stamped).to.match(/^\S+Z abc\n\S+Z d\n$/);
  });

  it('with timestamps: each line begins with its time', async () => {
    const before = Date.now();
    await node.runScript('times', count(3));
    const stamped = (await node.log('times', { timestamps: true })).trimEnd().split('\n');
    expect(stamped.map((line) => line.replace(/^\S+ /, ''))).to.deep.equal(['line 1', 'line 2', 'line 3']);
    for (const line of stamped) {
      expect(Date.parse(line.split(' ')[0] ?? '')).to.be.within(before, Date.now());
    }
  });

  it('by its last lines', async () => {
    await node.runScript('tail', `${count(5_000)}; printf unfinished`);
    expect(await node.log('tail', { tailLines: 0 })).to.equal('');
    expect(await node.log('tail', { tailLines: 1 })).to.equal('unfinished');
    expect(await node.log('tail', { tailLines: 3 })).to.equal('line 4999\nline 5000\nunfinished');
    expect(await node.log('tail', { tailLines: 4_000 })).to.equal(`${lines(3_999, 1_002)}unfinished`);
    expect(await node.log('tail', { tailLines: 100_000 })).to.equal(`${lines(5_000)}unfinished`);
  });

  it('by its first bytes', async () => {
    await node.runScript('limit', count(10));
    expect(await node.log('limit', { limitBytes: 10 })).to.equal('line 1\nlin');
    expect(await node.log('limit', { limitBytes: 10_000 })).to.equal(lines(10));
  });

  it('by time', async () => {
    await node.runScript('since', 'echo old');
    const [stamp = ''] = (await node.log('since', { timestamps: true })).split(' ');
    const at = Date.parse(stamp);
    expect(await node.log('since', { sinceMs: at })).to.equal('old\n');
    expect(await node.log('since', { sinceMs: at + 1 })).to.equal('');
  });

  it('followed: what comes, when it comes, until the pod has ended', async () => {
    node.script('follow', 'echo first; read -r x < <(while [ ! -e go ]; do sleep 0.01; done); echo last');
    await node.said('follow', 'first\n');
    const pieces: string[] = [];
    for await (const piece of node.reading('follow', { follow: true, tailLines: 1 })) {
      // Not before it is read: which line is the last is asked for when reading begins.
      if (pieces.push(String(piece)) === 1) node.script('go', 'touch go');
    }
    expect(pieces.join('')).to.equal('first\nlast\n');
  });

  it('followed by someone who goes away: the reading ends, the pod runs on', async () => {
    node.script('leave', 'echo first; sleep 1000');
    await node.said('leave', 'first');
    const reading = node.reading('leave', { follow: true });
    const closed = new Promise((resolve) => reading.once('close', resolve));
    reading.once('data', () => reading.destroy());
    await closed;
    expect(node.pod('leave')?.status?.phase).to.equal('Running');
    node.objects.delete(PODS, 'default', 'leave', {});
    await node.gone('leave');
  });

  it('more than it may keep: the oldest goes, memory stays', async () => {
    // 150 MB of 1,000-byte lines.
    await node.runScript(
      'huge',
      `head -c 999 /dev/zero | tr '\\0' x > line; echo >> line; for i in {1..500}; do cat line; done > block; for i in {1..300}; do cat block; done; echo the end`,
    );
    let size = 0;
    let last = '';
    for await (const piece of node.reading('huge')) {
      const text = String(piece);
      size += text.length;
      last = text.slice(-20);
    }
    expect(last).to.match(/x\nthe end\n$/);
    expect(size).to.be.within(38 * 2 ** 20, 51 * 2 ** 20);
    expect(await node.log('huge', { tailLines: 1 })).to.equal('the end\n');
    const folder = join(node.folder, 'state/logs', node.pod('huge')?.metadata.uid ?? '');
    expect(readdirSync(folder)).to.have.length(5);
  });

  it('is on disk in the form that other tools know, and goes with its pod', async () => {
    await node.runScript('disk', 'echo hello; printf part');
    const folder = join(node.folder, 'state/logs', node.pod('disk')?.metadata.uid ?? '');
    expect(readFileSync(join(folder, '0.log'), 'utf8')).to.match(
      /^\S+Z stdout F hello\n\S+Z stdout P part\n$/,
    );
    node.objects.delete(PODS, 'default', 'disk', {});
    expect(readdirSync(join(node.folder, 'state/logs'))).not.to.include(folder.split('/').at(-1));
  });

  it('of a pod that wrote nothing is empty', async () => {
    await node.runScript('silent', 'true');
    expect(await node.log('silent')).to.equal('');
    expect(await node.log('silent', { tailLines: 5, follow: true })).to.equal('');
  });

  it('of a pod that has not started, and of a run before, is refused', async () => {
    node.add('waits', {
      command: ['true'],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'k' } } }],
    });
    await node.until('waits', (pod) => pod?.status?.containerStatuses !== undefined);
    expect(() => node.reading('waits'))
      .to.throw(Refusal, 'container "job" in pod "waits" is waiting to start: CreateContainerConfigError')
      .with.nested.property('status.code', 400);
    expect(() => node.reading('waits', { previous: true })).to.throw(
      Refusal,
      'previous terminated container "job" in pod "waits" not found',
    );
  });

  it('of a pod that is just bound is refused, too', () => {
    const pod = node.script('new', 'true');
    const refusal = node.kubelet.readLog(pod, {
      container: 'job',
      follow: false,
      previous: false,
      timestamps: false,
    });
    expect(refusal).to.be.instanceOf(Refusal);
    expect((refusal as Refusal).message).to.equal(
      'container "job" in pod "new" is waiting to start: ContainerCreating',
    );
  });
});
