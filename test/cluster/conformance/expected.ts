// Which differences are expected, from expected-differences.yaml, and how the documentation lists them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Expected } from './differences.ts';

const FILE = join(import.meta.dirname, 'expected-differences.yaml');

export const readExpected = (): Expected[] => parse(readFileSync(FILE, 'utf8')) as Expected[];

/** One line a reason, in Markdown. */
export const listed = (expected: readonly Expected[]): string =>
  [...new Set(expected.map(({ reason }) => `- ${reason}`))].join('\n');
