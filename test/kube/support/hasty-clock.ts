// A clock for calls that really go through sockets: whoever waits a short while (a repeat's delay) is woken at once and time
// has passed; long waits (a deadline) end only when the short ones before them have added up.
import type { Clock, WallClock } from '../../../src/base/clock.ts';

export interface HastyClock extends Clock, WallClock {
  /** Milliseconds that have passed so far. */
  passed(): number;
  /** Lets so many more pass. */
  pass(ms: number): void;
}

const START = Date.parse('2030-01-01T00:00:00Z');

export function hastyClock(shortMs = 10_000): HastyClock {
  let now = START;
  const timers = new Set<{ at: number; task: () => void }>();
  const leapTo = (at: number) => {
    now = Math.max(now, at);
    for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
      if (timer.at <= now && timers.delete(timer)) timer.task();
    }
  };
  return {
    elapsedMs: () => now - START,
    dateMs: () => now,
    passed: () => now - START,
    pass: (ms) => {
      leapTo(now + ms);
    },
    after(ms, task) {
      const timer = { at: now + ms, task };
      timers.add(timer);
      if (ms <= shortMs) {
        setImmediate(() => {
          if (timers.has(timer)) leapTo(timer.at);
        });
      }
      return () => {
        timers.delete(timer);
      };
    },
  };
}
