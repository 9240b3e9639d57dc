// Answers a list, whole or in pages. Every page of one list shows the same moment: objects never change in place, so the
// first page keeps what the others are cut from.
import type { Kind } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { expired, Refusal } from '../../status.ts';
import { keyOf } from '../storage/collection.ts';
import { integer, text, type Api } from './call.ts';
import type { ListMeta } from './forms.ts';
import { continuationOf, tokenOf, type Pages, type Snapshot } from './pages.ts';
import type { Selection } from './selection.ts';
import { exactVersionOf } from './versions.ts';

export interface Listed {
  items: Stored[];
  metadata: ListMeta;
}

/** Throws Refusal (400, 410, 422, 504). */
export function listPage(api: Api, kind: Kind, selection: Selection, query: URLSearchParams): Listed {
  const { objects, pages } = api;
  const current = objects.version();
  const exact = exactVersionOf(query, current);
  // Less than none is no limit, as in Kubernetes.
  const limit = Math.max(0, integer(query, 'limit') ?? 0);
  const now: Snapshot = { items: objects.list(kind.type, selection.namespace), version: current };
  if (exact !== undefined) {
    return cut(pages, snapshotAt(api, kind, selection, exact), { from: 0, limit, selection });
  }
  const token = text(query, 'continue');
  if (token === undefined) return cut(pages, now, { from: 0, limit, selection });
  const { version, after, snapshot: id } = continuationOf(token);
  // A token that was offered with "too old": what there is now, from the same place.
  const snapshot = version === -1 ? now : pages.find(id);
  if (!snapshot) throw tooOldToContinue(after);
  return cut(pages, snapshot, { from: firstAfter(snapshot.items, after), limit, selection, id });
}

/** What there was at an earlier version: what there is, with every change since then undone. Throws Refusal (410). */
function snapshotAt({ objects }: Api, { type }: Kind, { namespace }: Selection, version: number): Snapshot {
  const changes = objects.changesAfter(type, version);
  if (!changes) throw expired('The resourceVersion for the provided list is too old.');
  const items = new Map(objects.list(type, namespace).map((item) => [keyFor(item), item]));
  for (const { object, previous } of changes.reverse()) {
    if (namespace !== undefined && object.metadata.namespace !== namespace) continue;
    if (previous) items.set(keyFor(object), previous);
    else items.delete(keyFor(object));
  }
  const sorted = [...items].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item);
  return { items: sorted, version };
}

interface Cut {
  from: number;
  /** 0 for all. */
  limit: number;
  selection: Selection;
  /** Of the snapshot, when it is kept already. */
  id?: string;
}

function cut(pages: Pages, snapshot: Snapshot, { from, limit, selection, id = '' }: Cut): Listed {
  const items: Stored[] = [];
  let next = from;
  for (; next < snapshot.items.length && (limit === 0 || items.length < limit); next += 1) {
    const item = snapshot.items[next];
    if (item && selection.matches(item)) items.push(item);
  }
  const metadata: ListMeta = { resourceVersion: String(snapshot.version) };
  const last = snapshot.items[next - 1];
  if (next >= snapshot.items.length || !last) return { items, metadata };
  const kept = pages.find(id) === snapshot ? id : pages.keep(snapshot);
  metadata.continue = tokenOf({ version: snapshot.version, after: keyFor(last), snapshot: kept });
  // Only where it is known without looking at the rest, as in Kubernetes.
  if (selection.whole) metadata.remainingItemCount = snapshot.items.length - next;
  return { items, metadata };
}

const keyFor = ({ metadata }: Stored): string => keyOf(metadata.namespace, metadata.name);

function firstAfter(items: readonly Stored[], key: string): number {
  const index = items.findIndex((item) => keyFor(item) > key);
  return index === -1 ? items.length : index;
}

function tooOldToContinue(after: string): Refusal {
  const refusal = new Refusal(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  refusal.status.metadata = { continue: tokenOf({ version: -1, after, snapshot: '' }) };
  return refusal;
}
