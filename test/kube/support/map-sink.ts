// A sink that remembers what it holds and what it was told.
import type { ChangeType, Sink } from '../../../src/kube/watching/sink.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';

export interface Item {
  name: string;
  uid: string;
  version: string;
}

export function slim({ metadata }: KubeObject): Item {
  const { name = '', uid = '', resourceVersion = '' } = metadata ?? {};
  if (name === 'poison') throw new Error('cannot slim poison');
  return { name, uid, version: resourceVersion };
}

export class MapSink implements Sink<Item> {
  readonly items = new Map<string, Item>();
  /** "ADDED name uid", or "replace". */
  readonly told: string[] = [];
  /** Something that a reflector promises never to do: change or take away another object than the one that is held. */
  swapped = false;

  state(): Record<string, string> {
    return Object.fromEntries([...this.items].map(([name, { uid, version }]) => [name, `${uid}@${version}`]));
  }

  replace(items: Item[]): void {
    this.told.push('replace');
    this.items.clear();
    for (const item of items) this.items.set(item.name, item);
  }

  apply(type: ChangeType, item: Item): void {
    this.swapped ||= this.namesake(item) !== undefined;
    if (item.name === 'refused') throw new Error('no room');
    this.told.push(`${type} ${item.name} ${item.uid}`);
    if (type === 'DELETED') this.items.delete(item.name);
    else this.items.set(item.name, item);
  }

  namesake({ name, uid }: Item): Item | undefined {
    const known = this.items.get(name);
    return known && known.uid !== uid ? known : undefined;
  }
}
