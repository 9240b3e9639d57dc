// Where a reflector's items go. Types only.

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/**
 * Where the items go. All of it is synchronous: nobody sees the middle of a change.
 *
 * What the sink can count on: an object that took the name of another one (deleted and created again while no watch saw it)
 * comes as DELETED of the old item and ADDED of the new one, never as a MODIFIED; a DELETED never takes away another object
 * than the one that went. What it must bear: ADDED of what it has, MODIFIED of what it has not (both mean "is now"), DELETED
 * of what it has not; and, for a moment during a safety relist, a state older than the one it has.
 */
export interface Sink<T> {
  /** The whole collection. What is not in it is gone; an item of a known name and another uid is another object. */
  replace(items: T[]): void;
  apply(type: ChangeType, item: T): void;
  /** The item that the sink holds under the name (and namespace) of `item`, if its uid is another one. */
  namesake(item: T): T | undefined;
}
