// Every kind's defaults, validation and table beside what Kubernetes' own code makes of the same objects.
import { expect } from 'chai';
import { dropUnknown } from '../../../src/devcluster/kinds/index.ts';
import type { StatusCause } from '../../../src/devcluster/status.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { recorded } from './fixtures.ts';
import { frozen, kindNamed } from './kinds.ts';

interface Case {
  name: string;
  do: 'create' | 'update' | 'table';
  object: KubeObject;
  old?: KubeObject;
  /** Milliseconds. */
  now?: number;
  /** `reason|field|message`, one a cause; without any, the object as it is read back. */
  causes?: string[];
  result?: KubeObject;
  cells?: unknown[];
  /** `name|type|format|priority` */
  columns?: string[];
}

/**
 * Kubernetes prints objects in an inner form of its own, and the difference that a forbidden change makes: what is wrong
 * and why is to be the same, not that. A cause that it finds twice is one.
 */
const comparable = (causes: string[]): string[] => [
  ...new Set(
    causes.map((cause) => cause.replace(/\n.*$/s, '').replace(/(value): [{[].*[}\]](?=: |$)/, '$1: ...')),
  ),
];
const shown = ({ reason, field, message }: StatusCause): string => `${reason}|${field}|${message}`;

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

function read(given: KubeObject): KubeObject {
  const kind = kindNamed(given.kind ?? '');
  const object = dropUnknown(kind, frozen(given));
  kind.applyDefaults(object);
  return object;
}

function check({ object: given, old: before, causes, result }: Case): void {
  const kind = kindNamed(given.kind ?? '');
  const object = read(given);
  const old = before && frozen(read(before));
  if (old) kind.prepareForUpdate(object, old, '');
  else kind.prepareForCreate(object);
  const found = old ? kind.validateUpdate(object, old) : kind.validateCreate(object);
  expect(comparable(found.map(shown))).to.deep.equal(comparable(causes ?? []));
  if (result) expect(withoutNulls(object)).to.deep.equal(withoutNulls(result));
}

describe('kinds beside Kubernetes', () => {
  for (const each of recorded<Case>('kinds')) {
    const { kind = '' } = each.object;
    it(`${each.do} ${kind}: ${each.name}`, () => {
      if (each.do !== 'table') {
        check(each);
        return;
      }
      const printed = kindNamed(kind);
      expect(printed.cells(each.object, each.now ?? 0)).to.deep.equal(each.cells);
      expect(
        printed.columns.map(
          ({ name, type, format, priority }) => `${name}|${type}|${format}|${String(priority)}`,
        ),
      ).to.deep.equal(each.columns);
    });
  }
});
