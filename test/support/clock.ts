// A clock that stands still until a test moves it.
import FakeTimers from '@sinonjs/fake-timers';
import { type Clock, inStages, type WallClock } from '../../src/base/clock.ts';

export interface FakeClock extends Clock, WallClock {
  /** Moves time on and lets every promise that this wakes settle. */
  advance(ms: number): Promise<void>;
  /** As somebody who sets the machine's time: dates leap, and nothing else. */
  setDate(byMs: number): void;
}

export function fakeClock(startMs = Date.parse('2030-01-01T00:00:00Z')): FakeClock {
  const timers = FakeTimers.createClock(startMs);
  let setByMs = 0;
  return {
    // As of a process that has run for a second.
    elapsedMs: () => timers.now - startMs + 1_000,
    dateMs: () => timers.now + setByMs,
    after: inStages((ms, task) => {
      const timer = timers.setTimeout(task, ms);
      return () => {
        timers.clearTimeout(timer);
      };
    }),
    setDate: (byMs) => {
      setByMs += byMs;
    },
    advance: async (ms) => {
      await timers.tickAsync(ms);
    },
  };
}

/** What `promise` ends in, value or error, when time runs as fast as it may. */
export async function endingOf(promise: Promise<unknown>, clock: FakeClock): Promise<unknown> {
  let over = false;
  const settled = promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  void settled.then(() => (over = true));
  while (!over) await clock.advance(100);
  return settled;
}
