// An API client that lives no longer than a signal lets it.
import type { ApiClient, ApiRequest } from '../api-client.ts';

/** Once `signal` is aborted, calls under way are cut off and nothing is sent any more: they throw its reason. */
export function untilAborted(client: ApiClient, signal: AbortSignal): ApiClient {
  const bound = (call: ApiRequest): ApiRequest => ({
    ...call,
    signal: call.signal ? AbortSignal.any([call.signal, signal]) : signal,
  });
  return {
    request: async <T>(call: ApiRequest) => {
      signal.throwIfAborted();
      return client.request<T>(bound(call));
    },
    lines: async (call) => {
      signal.throwIfAborted();
      return client.lines(bound(call));
    },
    bytes: async (call) => {
      signal.throwIfAborted();
      return client.bytes(bound(call));
    },
  };
}
