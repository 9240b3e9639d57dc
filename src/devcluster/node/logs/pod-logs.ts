// The logs of all pods: one folder each, named by the pod's uid, from its first output until the pod object goes.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WallClock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { DiskSpace } from '../../disk-space.ts';
import { makePrivateFolder } from '../../private-files.ts';
import { OpenLog } from './open-log.ts';
import { readLog, type LogRange } from './reader.ts';
import { LogWriter, type Position } from './writer.ts';

/** As a kubelet cuts the message that it takes from a log. */
const MESSAGE_LINES = 80;
const MESSAGE_BYTES = 2048;

export class PodLogs {
  readonly #folder: string;
  readonly #clock: WallClock;
  readonly #log: Logger;
  readonly #open = new Map<string, OpenLog>();

  constructor(folder: string, clock: WallClock, log: Logger) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
    makePrivateFolder(folder);
  }

  /** Until it is closed, it can be followed. `askForGrowth` as OpenLog has it. */
  open(uid: string, askForGrowth?: (seen: Position) => void): OpenLog {
    const log = new OpenLog(askForGrowth);
    this.#open.set(uid, log);
    return log;
  }

  /** Nothing more comes. */
  close(uid: string): void {
    this.#open.get(uid)?.close();
    this.#open.delete(uid);
  }

  /** For what a process wrote whose runtime is gone. To be closed by the caller. */
  writerFor(uid: string): LogWriter {
    const folder = join(this.#folder, uid);
    return new LogWriter({
      folder,
      clock: this.#clock,
      space: new DiskSpace(this.#folder),
      onLoss: (err) => {
        this.#log.error({ err, folder }, 'log of a pod not written');
      },
    });
  }

  read(uid: string, range: LogRange): AsyncGenerator<Buffer> {
    return readLog(join(this.#folder, uid), this.#open.get(uid), range);
  }

  /** The end of the log, as it goes into a container's termination message. */
  async lastWords(uid: string): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.read(uid, { tailLines: MESSAGE_LINES })) pieces.push(piece);
    const tail = Buffer.concat(pieces).subarray(-MESSAGE_BYTES);
    // Not from the middle of a character.
    const start = tail.findIndex((byte) => (byte & 0xc0) !== 0x80);
    return tail.toString('utf8', Math.max(start, 0));
  }

  remove(uid: string): void {
    this.close(uid);
    try {
      rmSync(join(this.#folder, uid), { recursive: true, force: true });
    } catch (err) {
      // The next start removes what belongs to no pod.
      this.#log.warn({ err, uid }, 'log of a pod not removed');
    }
  }

  /** Removes what belongs to none of these pods. */
  retain(uids: ReadonlySet<string>): void {
    for (const uid of readdirSync(this.#folder)) {
      if (!uids.has(uid)) this.remove(uid);
    }
  }
}
