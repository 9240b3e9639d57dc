// The JSON of objects, made once for all watches that tell of them, as kube-apiserver does. What it holds is bounded. No IO.
import { LRUCache } from 'lru-cache';
import type { Stored } from '../../objects.ts';

const MOST_CHARACTERS = 16 * 1024 * 1024;

export class ObjectTexts {
  /** Objects that are stored never change: another version is another object. */
  readonly #texts = new LRUCache<Stored, string>({
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (text) => text.length,
  });

  of(object: Stored): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    this.#texts.set(object, text);
    return text;
  }
}
