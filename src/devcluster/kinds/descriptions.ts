// What every field is for, in Kubernetes' own words: the comments in the type declarations of @kubernetes/client-node, which
// were generated from Kubernetes' OpenAPI. They also tell which fields are required. Reads that package's files, each once,
// when it is first asked; where one is missing, nothing is known of its model.
import { readFileSync } from 'node:fs';

export interface ModelDescription {
  text: string | undefined;
  /** By field; fields that are objects have none of their own. */
  fields: ReadonlyMap<string, string>;
  required: readonly string[];
}

const COMMENT = String.raw`\/\*\*\s*\*\s(?<text>(?:[^*]|\*(?!\/))*?)\s*\*\/\s*`;
const CLASS = new RegExp(`${COMMENT}export declare class `);
const FIELD = new RegExp(`(?:${COMMENT})?^ {4}'(?<name>[^']+)'(?<optional>\\??): `, 'gm');

/** The generator escaped quotes, and wrote each line break as a blank. */
const plain = (text: string): string =>
  text.replaceAll(/\\(.)/g, '$1').replaceAll(/(?<=\S) {2}(?=\S)/g, '\n\n');

function read(model: string): ModelDescription {
  const source = declarationOf(model);
  const fields = new Map<string, string>();
  const required: string[] = [];
  for (const { groups } of source.matchAll(FIELD)) {
    const { name = '', optional, text } = groups ?? {};
    if (text !== undefined) fields.set(name, plain(text));
    if (optional === '') required.push(name);
  }
  const text = CLASS.exec(source)?.groups?.text;
  return { text: text === undefined ? undefined : plain(text), fields, required };
}

function declarationOf(model: string): string {
  try {
    const entry = import.meta.resolve('@kubernetes/client-node');
    return readFileSync(new URL(`./gen/models/${model}.d.ts`, entry), 'utf8');
  } catch {
    return '';
  }
}

const known = new Map<string, ModelDescription>();

export function descriptionOf(model: string): ModelDescription {
  let description = known.get(model);
  if (!description) {
    description = read(model);
    known.set(model, description);
  }
  return description;
}
