// What Kubernetes itself made of many inputs, one JSON value a line: fixtures/README.md says how it was recorded.
import { readFileSync } from 'node:fs';

export function recorded<T>(name: string): T[] {
  const file = new URL(`./fixtures/${name}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
