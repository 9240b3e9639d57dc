// What a run of the bench comes to: sections of lines, with the goals beside them. Types only.
import type { Verdict } from './goals.ts';
import type { Noise } from './noise.ts';
import type { Spread } from './spread.ts';

export type Cell = string | number | Spread;

/** One line of a table. Names are the same in all lines of a section. */
export type Line = Record<string, Cell>;

export interface Measured {
  lines: Line[];
  goals: Verdict[];
  /** What a reader has to know of them. */
  notes?: string[];
}

export type Section = { row: string; title: string; seconds: number } & (
  | (Measured & { noise: Noise })
  /** Why it could not be measured here. */
  | { skipped: string }
  /** What broke. */
  | { failed: string }
);

export interface Report {
  machine: string;
  version: string;
  /** RFC 3339. */
  at: string;
  size: 'short' | 'full' | 'soak';
  rounds: number;
  /** A round of a rate. */
  secondsARound: number;
  sections: Section[];
}
