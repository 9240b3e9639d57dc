// What a figure has to reach, and whether it has. No IO.

export type Bound = { atLeast: number } | { atMost: number };

export interface Verdict {
  what: string;
  goal: Bound;
  value: number;
  met: boolean;
}

/** A figure that is none (NaN) meets nothing. */
export function verdictOn(what: string, value: number, goal: Bound): Verdict {
  return { what, goal, value, met: 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost };
}

export const wordsOf = (goal: Bound): string =>
  'atLeast' in goal ? `at least ${String(goal.atLeast)}` : `at most ${String(goal.atMost)}`;
