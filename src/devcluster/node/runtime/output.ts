// What a pod writes, on its way from its pipe to its log.
import { Socket } from 'node:net';
import { systemClock } from '../../../base/clock.ts';
import type { LogWriter } from '../logs/writer.ts';

/** How long output of a process that has ended may still come from one that slipped away and holds its pipe. */
const LAST_OUTPUT_MS = 1_000;

/** What comes through a pod's pipe, until its last writer is gone. */
export class Output {
  readonly #socket: Socket;
  readonly ended: Promise<void>;

  constructor(reader: number, writer: LogWriter) {
    this.#socket = new Socket({ fd: reader, readable: true, writable: false });
    this.#socket.on('data', (chunk: Buffer) => {
      writer.write(chunk);
    });
    this.ended = new Promise((resolve) => {
      // A read error is an end too; 'close' follows both.
      this.#socket.on('error', () => this.#socket.destroy());
      this.#socket.once('end', resolve);
      this.#socket.once('close', () => {
        resolve();
      });
    });
  }

  /** Of a pod of which nothing runs any more. False when it had to be cut off. */
  async finish(): Promise<boolean> {
    const over = Promise.withResolvers<false>();
    const cancel = systemClock.after(LAST_OUTPUT_MS, () => over.resolve(false));
    const whole = await Promise.race([this.ended.then(() => true as const), over.promise]);
    cancel();
    this.#socket.destroy();
    return whole;
  }
}
