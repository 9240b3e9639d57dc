// Ages and durations as kubectl prints them: 45s, 5m10s, 3h, 2d4h. No IO.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** From how many seconds on a duration is told in which unit, and whether with what is left in the next smaller one. */
const SCALE: readonly {
  below: number;
  unit: number;
  suffix: string;
  rest?: { unit: number; suffix: string };
}[] = [
  { below: 2 * MINUTE, unit: 1, suffix: 's' },
  { below: 10 * MINUTE, unit: MINUTE, suffix: 'm', rest: { unit: 1, suffix: 's' } },
  { below: 3 * HOUR, unit: MINUTE, suffix: 'm' },
  { below: 8 * HOUR, unit: HOUR, suffix: 'h', rest: { unit: MINUTE, suffix: 'm' } },
  { below: 2 * DAY, unit: HOUR, suffix: 'h' },
  { below: 8 * DAY, unit: DAY, suffix: 'd', rest: { unit: HOUR, suffix: 'h' } },
  { below: 2 * YEAR, unit: DAY, suffix: 'd' },
  { below: 8 * YEAR, unit: YEAR, suffix: 'y', rest: { unit: DAY, suffix: 'd' } },
  { below: Infinity, unit: YEAR, suffix: 'y' },
];

/** Two clocks may differ by a second; what is further ahead is `<invalid>`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const step = SCALE.find(({ below }) => seconds < below);
  if (!step) return '<invalid>';
  const { unit, suffix, rest } = step;
  const whole = `${String(Math.trunc(seconds / unit))}${suffix}`;
  const left = rest ? Math.trunc((seconds % unit) / rest.unit) : 0;
  return rest && left > 0 ? `${whole}${String(left)}${rest.suffix}` : whole;
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. `now` in milliseconds. */
export const age = (time: string | undefined, now: number): string =>
  time ? humanDuration(now - Date.parse(time)) : '<unknown>';
