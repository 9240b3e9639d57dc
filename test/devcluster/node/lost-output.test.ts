// A log that cannot be written whole: the process goes on, and the log says where something is missing.
import { expect } from 'chai';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DiskSpace } from '../../../src/devcluster/disk-space.ts';
import { readLog } from '../../../src/devcluster/node/logs/reader.ts';
import { LogWriter } from '../../../src/devcluster/node/logs/writer.ts';
import { fakeClock } from '../../support/clock.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { removeFolder, temporaryFolder } from './support.ts';

const CUT = '[portico: output is missing here, the disk was full]\n';
const clock = fakeClock();

async function textOf(folder: string): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readLog(folder, undefined, {})) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a log for which there is hardly any space left', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('says once where output is missing, and goes on when there is space', async () => {
    let isLow = false;
    const losses: unknown[] = [];
    const writer = new LogWriter({
      folder: join(folder, 'pod'),
      clock,
      space: { mayTake: () => !isLow },
      onLoss: (error) => losses.push(error),
    });
    const write = (text: string) => {
      writer.write(Buffer.from(text));
    };
    write('one\n');
    isLow = true;
    write('two\n');
    write('three\n');
    isLow = false;
    write('four\n');
    isLow = true;
    write('five\n');
    writer.close();
    expect(await textOf(join(folder, 'pod'))).to.equal(`one\n${CUT}four\n${CUT}`);
    expect(losses).to.have.lengthOf(1);
  });
});

describe('a log on a disk that is full', () => {
  let disk: SmallDisk;
  before(function () {
    disk = SmallDisk.mounted(this, 4);
  });
  after(() => {
    disk.release();
  });
  afterEach(() => {
    disk.empty();
  });

  const writerAt = (name: string): LogWriter =>
    new LogWriter({
      folder: join(disk.folder, name),
      clock,
      space: { mayTake: () => true },
      onLoss: () => undefined,
    });
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${String(n)}\n`).join('');

  it('says that output is missing in the place of its last lines, and holds whole entries only', async () => {
    const writer = writerAt('a');
    writer.write(Buffer.from(lines(500)));
    disk.fill();
    for (let time = 0; time < 3; time += 1) writer.write(Buffer.from(lines(5_000)));
    disk.empty();
    writer.write(Buffer.from('after\n'));
    writer.close();
    const text = await textOf(join(disk.folder, 'a'));
    expect(text.startsWith(lines(400))).to.equal(true);
    expect(text.endsWith(`\n${CUT}after\n`)).to.equal(true);
    expect(text.split(CUT)).to.have.lengthOf(2);
    const raw = readFileSync(join(disk.folder, 'a', '0.log'), 'utf8');
    for (const entry of raw.trimEnd().split('\n')) expect(entry).to.match(/^2030-\S+ stdout [FP] /);
  });

  it('that could not even be begun says so with the first output that can be written', async () => {
    disk.fill();
    const writer = writerAt('b');
    writer.write(Buffer.from(lines(5_000)));
    disk.empty();
    writer.write(Buffer.from('after\n'));
    writer.close();
    const text = await textOf(join(disk.folder, 'b'));
    expect(text).to.satisfy((all: string) => all.endsWith(`${CUT}after\n`));
    rmSync(join(disk.folder, 'b'), { recursive: true });
  });
});

describe('the space of a disk', () => {
  const MIB = 1024 * 1024;
  const space = (total: number, free: { mib: number }, now = () => 0): DiskSpace =>
    new DiskSpace('/', { now, statfs: () => ({ bsize: MIB, blocks: total, bavail: free.mib }) });

  it('is low below 32 MiB, or a tenth of a small one', () => {
    expect(space(100_000, { mib: 32 }).isLow()).to.equal(false);
    expect(space(100_000, { mib: 31 }).isLow()).to.equal(true);
    expect(space(20, { mib: 2 }).isLow()).to.equal(false);
    expect(space(20, { mib: 1 }).isLow()).to.equal(true);
  });

  it('is enough again with half as much more', () => {
    const free = { mib: 31 };
    const disk = space(100_000, free);
    expect(disk.isLow()).to.equal(true);
    free.mib = 47;
    expect(disk.isLow()).to.equal(true);
    free.mib = 48;
    expect(disk.isLow()).to.equal(false);
  });

  it('is never low where the file system does not say how large it is', () => {
    expect(space(0, { mib: 0 }).isLow()).to.equal(false);
  });

  it('is not asked for at every write, and soon again while it is low', () => {
    const free = { mib: 1_000 };
    let now = 0;
    const disk = space(100_000, free, () => now);
    expect(disk.mayTake(1_000)).to.equal(true);
    free.mib = 1;
    expect(disk.mayTake(1_000)).to.equal(true);
    expect(disk.mayTake(2 * MIB)).to.equal(false);
    free.mib = 1_000;
    expect(disk.mayTake(1_000)).to.equal(false);
    now += 250;
    expect(disk.mayTake(1_000)).to.equal(true);
  });
});
