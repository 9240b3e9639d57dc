// The values of the chart, as the tests that keep its documentation true read them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isNode, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

const CHART = join(import.meta.dirname, '../../deploy/chart');

export interface Value {
  /** `image.pullPolicy`. */
  path: string;
  byDefault: unknown;
  /** Its comment, in one line. */
  help: string;
}

export const chartFile = (name: string): Promise<string> => readFile(join(CHART, name), 'utf8');

/** Whatever has a comment is a value; whatever has none is a group of them. @throws when it is neither */
export async function chartValues(): Promise<Value[]> {
  const { contents } = parseDocument(await chartFile('values.yaml'));
  if (!isMap(contents)) throw new Error('expected values.yaml to be a mapping');
  return valuesIn(contents, '');
}

function valuesIn(map: YAMLMap, prefix: string): Value[] {
  return map.items.flatMap((pair, index) => {
    const path = prefix + nameOf(pair);
    const help = commentOf(pair) ?? (index === 0 && prefix !== '' ? map.commentBefore : undefined);
    const { value } = pair;
    if (help)
      return [{ path, byDefault: isNode(value) ? (value.toJSON() as unknown) : value, help: lastLine(help) }];
    if (!isMap(value)) throw new Error(`expected a comment above ${path}`);
    return valuesIn(value, `${path}.`);
  });
}

/** A remark on the whole file may stand above. */
const lastLine = (comment: string): string => comment.split('\n').at(-1)?.trim() ?? '';

const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '');

const commentOf = ({ key }: Pair): string | undefined | null => (isNode(key) ? key.commentBefore : undefined);

/** As it has to stand in docs/guides/install.md. */
export async function valuesTable(): Promise<string> {
  const rows = (await chartValues()).map(({ path, byDefault, help }) => {
    const shown =
      byDefault === '' || byDefault == null ? '' : `\`${JSON.stringify(byDefault).replaceAll('"', '')}\``;
    return `| \`${path}\` | ${shown} | ${help} |`;
  });
  return ['| value | default | what it is |', '| --- | --- | --- |', ...rows].join('\n');
}
