// README and docs, as the tests that keep them true read them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingLines } from '../../src/settings/config.ts';

/** `name` is the path from the top of the repository. */
export const page = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, '../..', name), 'utf8');

/** The first example in `language` whose first line is `firstLine`, or the first of all. */
export async function exampleIn(name: string, language: string, firstLine = ''): Promise<string> {
  const examples = (await page(name)).split('```').filter((_, index) => index % 2 === 1);
  const example = examples.find((text) => text.startsWith(`${language}\n${firstLine}`));
  if (example === undefined) throw new Error(`${name} has no such example in ${language}: ${firstLine}`);
  return example.slice(language.length + 1);
}

/** The table of settings, as it has to stand in docs/reference/settings.md. */
export function settingsTable(): string {
  const rows = settingLines().map(({ flag, env, help, byDefault }) => {
    return `| \`${flag}\` | \`${env}\` | ${byDefault && `\`${byDefault}\``} | ${help} |`;
  });
  return ['| flag | variable | default | what it sets |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
