// How a connection is ended while its client still sends: our half first, so that the answer arrives. Knows nothing of HTTP's messages.
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';

/** A client that sends nothing for so long has read the answer, or never will. */
const SILENT_MS = 5_000;
/** However slowly it sends. */
const TOTAL_MS = 30_000;
/** However fast it sends. Discarding costs no memory. */
const MOST_BYTES = 1_073_741_824;

export class Lingering {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#sockets.size;
  }

  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  /**
   * RFC 9112, section 9.6: closes our half after what was written, discards what still comes, and closes the rest when the client
   * has closed its half, or after a bounded time or number of bytes. A connection that is closed at once while bytes of the
   * client are unread is reset, and a reset can overtake the answer.
   */
  begin(socket: Socket): void {
    if (socket.destroyed || this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    const close = () => {
      socket.destroy();
    };
    let bytes = 0;
    // node:http reads by itself, and stops while a body waits for its reader: only its own listener starts that again.
    socket.emit('resume');
    // The parser's own listener: nothing that comes now is a request any more.
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) close();
    });
    socket.once('end', close);
    const cancel = this.#watch(() => bytes, close);
    socket.once('close', () => {
      cancel();
      this.#sockets.delete(socket);
    });
    socket.end();
    socket.resume();
  }

  /** Closes all of them now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** One timer a connection, however often it sends. */
  #watch(received: () => number, close: () => void): () => void {
    let [before, looks] = [0, 0];
    const look = () => {
      looks += 1;
      if (received() === before || looks * SILENT_MS >= TOTAL_MS) {
        close();
        return;
      }
      before = received();
      cancel = this.#clock.after(SILENT_MS, look);
    };
    let cancel = this.#clock.after(SILENT_MS, look);
    return () => {
      cancel();
    };
  }
}
