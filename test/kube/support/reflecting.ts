// A reflector over a fake collection, run for one test.
import { silent } from '../../../src/base/logger.ts';
import { Reflector, type ReflectorOptions } from '../../../src/kube/watching/reflector.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { type FakeClock, fakeClock } from '../../support/clock.ts';
import { FakeCollection } from './collection.ts';
import { type Item, MapSink, slim } from './map-sink.ts';

export class Reflecting {
  readonly server = new FakeCollection();
  readonly sink = new MapSink();
  readonly clock: FakeClock = fakeClock();
  readonly reflector: Reflector<Item>;
  readonly #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: Partial<ReflectorOptions<Item, KubeObject>> = {}) {
    this.reflector = new Reflector({
      client: this.server,
      path: '/apis/batch/v1/jobs',
      slim,
      sink: this.sink,
      clock: this.clock,
      random: () => 0.5,
      log: silent,
      ...options,
    });
  }

  /** Runs until everything that can happen without time passing has happened. */
  async start(): Promise<void> {
    this.#ended = this.reflector.run(this.#abort.signal);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }
}
