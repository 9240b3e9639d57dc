// JSON Patch, RFC 6902, as Kubernetes applies it: within bounds, so that a few operations cannot make gigabytes of a small object
// (CVE-2019-1002100). Pure.
import jsonPatch, { type GetOperation, type Operation } from 'fast-json-patch';
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest, Refusal } from '../status.ts';
import { MAX_JSON_BYTES, measure } from './json-bounds.ts';
import { isObject } from './json.ts';

const MOST_OPERATIONS = 10_000;
/** Of elements of lists that have to make room for others, or to move up: about a tenth of a second. */
const MOST_SHIFTS = 50_000_000;

/** @throws Refusal: 400 for what is no patch, 413 for too many operations, 422 for a patch that does not apply or grows too large. */
export function applyJsonPatch(current: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  if (patch.length > MOST_OPERATIONS) {
    const says = `Request entity is too large: The allowed maximum operations in a JSON patch is ${String(MOST_OPERATIONS)}, got ${String(patch.length)}`;
    throw new Refusal(413, 'RequestEntityTooLarge', says);
  }
  try {
    return new Patching(structuredClone(current)).apply(patch as Operation[]);
  } catch {
    // Kubernetes says no more than this, whatever the operation that failed.
    const says = 'the server rejected our request due to an error in our request';
    throw new Refusal(422, 'Invalid', says, {});
  }
}

class Patching {
  #document: KubeObject;
  /** What copies have added up to, in characters of JSON. */
  #copied = 0;
  #shifts = 0;

  /** `document` is changed in place. */
  constructor(document: KubeObject) {
    this.#document = document;
  }

  apply(operations: readonly Operation[]): KubeObject {
    for (const operation of operations) {
      jsonPatch.validate([operation]);
      this.#apply(operation);
    }
    return this.#document;
  }

  #apply(operation: Operation): void {
    switch (operation.op) {
      case 'copy': {
        // The library's own copies the whole document first, to see whether there is something to copy.
        const value = this.#existingAt(operation.from);
        this.#copied += measure(value, MAX_JSON_BYTES);
        if (this.#copied > MAX_JSON_BYTES) throw new RangeError('copies grow too large');
        this.#do({ op: 'add', path: operation.path, value: structuredClone(value) });
        break;
      }
      case 'move': {
        // As RFC 6902 4.4 describes it. The library's own copies what it overwrites, and goes through all that is moved.
        const { path, from } = operation;
        const value: unknown = this.#do({ op: 'remove', path: from });
        this.#do({ op: 'add', path, value }, () => undefined);
        break;
      }
      case 'replace':
        // The library that Kubernetes uses replaces what is not there, too: RFC 6902 would refuse it.
        this.#do(isObject(this.#parentOf(operation.path)) ? { ...operation, op: 'add' } : operation);
        break;
      default:
        this.#do(operation);
    }
  }

  /** `check`: of the operation by itself; where it leads is looked at in any case. */
  #do(operation: Operation, check: true | (() => undefined) = true): unknown {
    const list =
      operation.op === 'add' || operation.op === 'remove' ? this.#parentOf(operation.path) : undefined;
    if (Array.isArray(list)) {
      this.#shifts += list.length;
      if (this.#shifts > MOST_SHIFTS) throw new RangeError('too much is moved about in lists');
    }
    const result = jsonPatch.applyOperation(this.#document, operation, check, true);
    this.#document = result.newDocument;
    return result.removed as unknown;
  }

  #parentOf(path: string): unknown {
    return path === '' ? undefined : this.#at(path.replace(/\/[^/]*$/, ''));
  }

  /** Throws when there is nothing. */
  #existingAt(path: string): unknown {
    const get: GetOperation<unknown> = { op: '_get', path, value: undefined };
    jsonPatch.applyOperation(this.#document, get, true);
    return get.value;
  }

  #at(path: string): unknown {
    return jsonPatch.getValueByPointer(this.#document, path);
  }
}
