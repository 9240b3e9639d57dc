// Answers a list, whole or in pages. Every page of one list shows the same moment: objects never change in place, so the
// first page keeps what the others are cut from.
import type { Kind } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { badRequest, Refusal } from '../../status.ts';
import { keyOf } from '../storage/collection.ts';
import { integer, text, type Api } from './call.ts';
import type { ListMeta } from './forms.ts';
import { continuationOf, tokenOf, type Pages, type Snapshot } from './pages.ts';
import type { Selection } from './selection.ts';
import { checkListVersion } from './versions.ts';

export interface Listed {
  items: Stored[];
  metadata: ListMeta;
}

/** Throws Refusal (400, 410, 422, 504). */
export function listPage(api: Api, kind: Kind, selection: Selection, query: URLSearchParams): Listed {
  const { objects, pages } = api;
  const current = objects.version();
  checkListVersion(query, kind, { current, lastChange: lastChangeOf(api, kind) });
  const limit = integer(query, 'limit') ?? 0;
  if (limit < 0) throw badRequest(`expected "limit" to be 0 or more, got ${String(limit)}`);
  const now: Snapshot = { items: objects.list(kind.type, selection.namespace), version: current };
  const token = text(query, 'continue');
  if (token === undefined) return cut(pages, now, { from: 0, limit, selection });
  const { version, after, snapshot: id } = continuationOf(token);
  // A token that was offered with "too old": what there is now, from the same place.
  const snapshot = version === -1 ? now : pages.find(id);
  if (!snapshot) throw tooOldToContinue(after);
  return cut(pages, snapshot, { from: firstAfter(snapshot.items, after), limit, selection, id });
}

function lastChangeOf({ objects }: Api, { type }: Kind): number {
  const oldest = objects.oldestVersion(type);
  const last = objects.changesAfter(type, oldest)?.at(-1);
  return last ? Number(last.object.metadata.resourceVersion) : oldest;
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
