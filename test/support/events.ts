// Reads server-sent events as a client does.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

export interface ServerSentEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

export class EventClient {
  readonly response: IncomingMessage;
  /** Comments, which a client passes over. */
  comments = 0;
  readonly #events: AsyncGenerator<ServerSentEvent>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#events = this.#read();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventClient> {
    const [response] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
    return new EventClient(response.setEncoding('utf8'));
  }

  /** @throws when the stream ends first */
  async next(): Promise<ServerSentEvent> {
    const next = await this.#events.next();
    if (next.done) throw new Error('expected an event, got the end of the stream');
    return next.value;
  }

  /** Up to the first that `isLast`, itself included. */
  async until(isLast: (event: ServerSentEvent) => boolean): Promise<ServerSentEvent[]> {
    const events: ServerSentEvent[] = [];
    do events.push(await this.next());
    while (!isLast(events.at(-1) as ServerSentEvent));
    return events;
  }

  /** All that are left; resolves when the server ends the stream. */
  async rest(): Promise<ServerSentEvent[]> {
    const events: ServerSentEvent[] = [];
    for await (const event of this.#events) events.push(event);
    return events;
  }

  close(): void {
    this.response.destroy();
  }

  async *#read(): AsyncGenerator<ServerSentEvent> {
    let text = '';
    for await (const chunk of this.response as AsyncIterable<string>) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) this.comments++;
        const { id = '', event, data = '{}' } = fieldsOf(block);
        if (event !== undefined) yield { id, event, data: JSON.parse(data) as Record<string, unknown> };
      }
    }
  }
}

function fieldsOf(block: string): Record<string, string | undefined> {
  const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']);
  return Object.fromEntries(fields) as Record<string, string>;
}
