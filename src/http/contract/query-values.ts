// How the parameters after a "?" are read, on every route that takes some: text becomes what the route's schema has, and the schema
// decides. Of a parameter that comes several times the last one counts, as in a body; unknown ones are passed over. No IO.
import { z } from 'zod';
import { quoted } from './quoted.ts';

/** As decoded from the URL. */
export type Given = Readonly<Record<string, string | string[] | undefined>>;

/** Everything after a "?" is text, so that is what is shown of it. */
export const expected = (name: string, what: string) => ({
  error: ({ input }: { input?: unknown }) => `expected "${name}" to be ${what}, got ${quoted(String(input))}`,
});

/** True or false: `name`, `name=true` and `name=1`, or `name=false` and `name=0`, in any case; left out, false. */
export const flag = (name: string, description: string) =>
  z.boolean(expected(name, 'true or false')).default(false).describe(description);

export const wholeNumber = (name: string, least: number, most: number) => {
  const words = expected(name, `a whole number from ${String(least)} to ${String(most)}`);
  return z.int(words).min(least, words).max(most, words);
};

/** As Kubernetes reads them, but that it takes any other word for a yes. */
const FLAGS = new Map([
  ['', true],
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

export const textOf = (given: Given, name: string): string | undefined => [given[name]].flat().at(-1);

/** What is no flag stays text, for the schema to refuse. */
export function flagOf(given: Given, name: string): boolean | string | undefined {
  const text = textOf(given, name);
  return text === undefined ? undefined : (FLAGS.get(text.toLowerCase()) ?? text);
}

/** The same for a number. */
export function numberOf(given: Given, name: string): number | string | undefined {
  const text = textOf(given, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
