// One call to the API server: what goes in, what comes out. The transport behind it is connection.ts.
import type { Readable } from 'node:stream';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  /** Absolute path on the API server, as resource-paths.ts makes it. */
  path: string;
  /** GET unless told. */
  method?: Method;
  /** It only asks, whatever its method: repeated like a GET. */
  isRead?: boolean;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** application/json unless told; a PATCH names its kind. */
  contentType?: string;
  /** application/json unless told. */
  accept?: string;
  signal?: AbortSignal;
  /** Milliseconds for the call as a whole; the connection's own unless told, and never more. */
  deadlineMs?: number;
  /** Of bytes(): the answer may be as long in coming as it likes, since it begins with the first byte. */
  mayBeSilent?: boolean;
  /** Milliseconds in which a repeat may begin; as long as the deadline unless told. For callers that wait. */
  repeatMs?: number;
  /** Of a stream: called when bytes have come, before the lines that are in them. */
  received?: () => void;
}

export interface ApiClient {
  /**
   * The parsed JSON of a 2xx answer. Everything but POST is repeated, within the call's deadline, on network errors,
   * 429 and 5xx; a POST is sent once, because only its caller knows how to tell whether it took effect, and repeated only
   * where it surely had none (429, no connection). A Retry-After that outlasts the deadline comes out as the refusal, at once.
   * @throws StatusError, UnreachableError; the reason of `call.signal` when that is aborted
   */
  request<T>(call: ApiRequest): Promise<T>;

  /**
   * Opens a stream (a watch). Resolves when a 2xx answer begins; yields its lines. Never repeated, ends only by the
   * server, by an error or by `call.signal`.
   * @throws StatusError, UnreachableError: from the call, or from the iteration when the stream breaks.
   */
  lines(call: ApiRequest): Promise<AsyncIterable<string>>;

  /**
   * Opens a stream of bytes (a log). Resolves when a 2xx answer begins. Never repeated, ends only by the server, by an error or by
   * `call.signal`. Read no faster than it is taken; whoever leaves it early destroys it.
   * @throws StatusError, UnreachableError; the reason of `call.signal`. What breaks later is the stream's own error.
   */
  bytes(call: ApiRequest): Promise<Readable>;
}
