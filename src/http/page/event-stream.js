// Reads server-sent events from an answer: EventSource could not send a token along. No DOM.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
import { unlessAway } from './api.js';

/**
 * @typedef {import('eventsource-parser').createParser} CreateParser
 * @typedef {{ id: string | undefined, event: string, data: unknown }} ServerEvent
 */

/**
 * Those that come together are given together; a beat is an empty batch.
 * @param {ReadableStream<Uint8Array> | null} body
 * @param {CreateParser} createParser
 * @returns {AsyncGenerator<ServerEvent[], void>}
 * @throws {import('./api.js').Failure} when it breaks off
 */
export async function* batchesIn(body, createParser) {
  /** @type {ServerEvent[]} */
  let batch = [];
  const parser = createParser({
    onEvent: ({ id, event = 'message', data }) => batch.push({ id, event, data: JSON.parse(data) }),
  });
  for await (const text of textsIn(body)) {
    parser.feed(text);
    yield batch;
    batch = [];
  }
}

/**
 * A body as text, part by part: browsers' streams are not all iterable themselves.
 * @param {ReadableStream<Uint8Array> | null} body
 * @returns {AsyncGenerator<string, void>}
 * @throws {import('./api.js').Failure} when it breaks off
 */
export async function* textsIn(body) {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await unlessAway(reader.read());
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
