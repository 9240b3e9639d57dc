// The README, as the tests that keep it true read it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingLines } from '../../src/config.ts';

export const readme = (): Promise<string> => readFile(join(import.meta.dirname, '../../README.md'), 'utf8');

/** The table of settings, as it has to stand in the README. */
export function settingsTable(): string {
  const rows = settingLines().map(({ flag, env, help, preset }) => {
    return `| \`${flag}\` | \`${env}\` | ${preset && `\`${preset}\``} | ${help} |`;
  });
  return ['| flag | variable | preset | what it sets |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
