// The open streams of server-sent events: each reads from its watch as fast as its client takes it, and no faster.
import { Readable } from 'node:stream';
import type { JobFollower } from '../../controller/serving/job-follower.ts';
import type { Clock } from '../../base/clock.ts';
import type { EventText } from './event-text.ts';

/** What lies between closes connections on which nothing comes for a minute, some after 30 s. */
const BEAT_MS = 20_000;
const BEAT = ':\n\n';
/** What is made for one client ahead of what it has taken: some 30 KB at a time, and no more while it takes none. */
const EVENTS_AT_ONCE = 100;
const BUFFER_BYTES = 32 * 1024;

interface Stream {
  readable: Readable;
  /** All is told; the client has taken it and waits for more. */
  isIdle: boolean;
}

export interface EventStreamsOptions {
  text: EventText;
  clock: Clock;
  /** Aborted when the process is about to end: so do all streams then. */
  stopping: AbortSignal;
}

export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new Set<Stream>();
  #cancelBeat: (() => void) | undefined;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    options.stopping.addEventListener('abort', () => {
      for (const stream of this.#open) {
        stream.isIdle = false;
        stream.readable.push(null);
      }
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** Ends when the process is about to, and leaves nothing behind once it is destroyed. */
  open(watch: JobFollower): Readable {
    const { text, stopping } = this.#options;
    const fill = () => {
      const events = watch.take(EVENTS_AT_ONCE);
      stream.isIdle = events.length === 0;
      if (!stream.isIdle) readable.push(events.map((told) => text.of(told)).join(''));
    };
    const readable = new Readable({
      highWaterMark: BUFFER_BYTES,
      read: fill,
      destroy: (error, done) => {
        unfollow();
        this.#left(stream);
        done(error);
      },
    });
    const stream: Stream = { readable, isIdle: false };
    const unfollow = watch.follow(() => {
      if (stream.isIdle) fill();
    });
    readable.push(text.beginning);
    this.#open.add(stream);
    this.#cancelBeat ??= this.#beatLater();
    if (stopping.aborted) readable.push(null);
    return readable;
  }

  /** One timer for all, and none when there is nobody. */
  #beatLater(): () => void {
    return this.#options.clock.after(BEAT_MS, () => {
      for (const { readable, isIdle } of this.#open) if (isIdle) readable.push(BEAT);
      this.#cancelBeat = this.#beatLater();
    });
  }

  #left(stream: Stream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
  }
}
