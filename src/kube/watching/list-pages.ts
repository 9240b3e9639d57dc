// A whole collection, page by page. Nothing of a page is kept here.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import type { ApiClient, ApiRequest } from '../api-client.ts';
import { UnreachableError } from '../api-errors.ts';
import type { KubeObject } from '../wire.ts';

/** What to list or watch. */
export interface Collection {
  client: ApiClient;
  /** As pathOf makes it: pathOf(JOBS, { namespace }). */
  path: string;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** METADATA_ONLY, for instance; application/json unless told. */
  accept?: string | undefined;
}

interface Page<R> {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: R[] | null;
}

/** The part of a call that lists and watches share. */
export function callFor(
  collection: Collection,
  query: ApiRequest['query'],
  signal?: AbortSignal,
): ApiRequest {
  const { path, accept, labelSelector, fieldSelector } = collection;
  const call: ApiRequest = { path, query: { labelSelector, fieldSelector, ...query } };
  if (signal !== undefined) call.signal = signal;
  if (accept !== undefined) call.accept = accept;
  return call;
}

/**
 * Gives every page to `take` and returns the version of the list: the one to watch from. No resourceVersion is asked
 * for, so the answer is the state as of now.
 * @throws StatusError (410 when the list took so long that its continue token expired), UnreachableError
 */
export async function listPages<R extends KubeObject>(
  collection: Collection,
  pageSize: number,
  take: (items: R[]) => void,
  signal?: AbortSignal,
): Promise<string> {
  // All pages carry the first one's version; were a server to do otherwise, the first is the one that misses nothing.
  let version: string | undefined;
  let next: string | undefined;
  do {
    const page = await takePage(collection, { limit: pageSize, continue: next }, take, signal);
    version ??= page.version;
    next = page.next;
  } while (next);
  return version;
}

/** A function of its own, so that no local holds this page while the next one is on its way. */
async function takePage<R extends KubeObject>(
  collection: Collection,
  query: ApiRequest['query'],
  take: (items: R[]) => void,
  signal: AbortSignal | undefined,
): Promise<{ version: string; next: string | undefined }> {
  const { metadata, items } = await collection.client.request<Page<R>>(callFor(collection, query, signal));
  if (!metadata?.resourceVersion) {
    throw new UnreachableError(
      `expected a list of ${collection.path}, got an answer without metadata.resourceVersion`,
    );
  }
  take(items ?? []);
  return { version: metadata.resourceVersion, next: metadata.continue };
}
