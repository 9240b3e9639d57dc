// The objects of one resource by key, in key order. In memory only.
import type { Stored } from '../../objects.ts';

/** As etcd orders them: by the text of NAMESPACE/NAME. */
export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

export class Collection {
  readonly #objects = new Map<string, Stored>();
  readonly #keys: string[] = [];
  /** By namespace, as they are until the next change: hundreds of watches may begin with the same list. */
  readonly #lists = new Map<string | undefined, readonly Stored[]>();

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: Stored): void {
    this.#lists.clear();
    if (!this.#objects.has(key)) this.#keys.splice(this.#firstFrom(key), 0, key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    this.#lists.clear();
    if (this.#objects.delete(key)) this.#keys.splice(this.#firstFrom(key), 1);
  }

  list(namespace?: string): readonly Stored[] {
    const list = this.#lists.get(namespace) ?? this.#listOf(namespace);
    // Not of namespaces that may be any name that a client sends.
    if (list.length > 0) this.#lists.set(namespace, list);
    return list;
  }

  #listOf(namespace: string | undefined): Stored[] {
    if (namespace === undefined) return this.#slice(0, this.#keys.length);
    // "0" is the character after "/".
    return this.#slice(this.#firstFrom(`${namespace}/`), this.#firstFrom(`${namespace}0`));
  }

  #slice(from: number, to: number): Stored[] {
    return this.#keys.slice(from, to).flatMap((key) => this.#objects.get(key) ?? []);
  }

  #firstFrom(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
