// What each type and field is for, in Kubernetes' own words: for `kubectl explain`, and read only when that asks.
import { readFileSync } from 'node:fs';

export interface ModelDescription {
  text?: string;
  fields?: Readonly<Record<string, string>>;
}

let published: ReadonlyMap<string, ModelDescription> | undefined;

/** Empty for a model that is not known. */
export function descriptionOf(model: string): ModelDescription {
  if (!published) {
    const text = readFileSync(new URL('./descriptions.json', import.meta.url), 'utf8');
    published = new Map(Object.entries(JSON.parse(text) as Record<string, ModelDescription>));
  }
  return published.get(model) ?? {};
}
