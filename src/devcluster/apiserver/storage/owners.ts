// Which objects name which owner: an index over metadata.ownerReferences. In memory only.
import type { Stored } from '../../objects.ts';
import type { ResourceType } from '../../kinds/kind.ts';

export interface Dependent {
  type: ResourceType;
  object: Stored;
}

const ownersOf = (object: Stored | undefined): string[] =>
  object?.metadata.ownerReferences?.map((reference) => reference.uid) ?? [];

export class Owners {
  /** Owner's uid to its dependents by their own. */
  readonly #dependents = new Map<string, Map<string, Dependent>>();

  replace(type: ResourceType, previous: Stored | undefined, next: Stored | undefined): void {
    for (const owner of ownersOf(previous)) this.#remove(owner, previous?.metadata.uid ?? '');
    if (next) for (const owner of ownersOf(next)) this.#add(owner, { type, object: next });
  }

  dependentsOf(uid: string): Dependent[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  #add(owner: string, dependent: Dependent): void {
    const known = this.#dependents.get(owner) ?? new Map<string, Dependent>();
    known.set(dependent.object.metadata.uid, dependent);
    this.#dependents.set(owner, known);
  }

  #remove(owner: string, uid: string): void {
    const known = this.#dependents.get(owner);
    known?.delete(uid);
    if (known?.size === 0) this.#dependents.delete(owner);
  }
}
