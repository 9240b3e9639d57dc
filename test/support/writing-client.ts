// A client that writes its whole request before it reads a byte of the answer, as Python's http.client and PHP do.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Headers are followed by this many bytes in chunks. */
export interface WrittenRequest {
  head: string;
  bodyBytes: number;
}

const CHUNK_BYTES = 65_536;
const CHUNK = Buffer.concat([
  Buffer.from(`${CHUNK_BYTES.toString(16)}\r\n`),
  Buffer.alloc(CHUNK_BYTES, 'a'),
  Buffer.from('\r\n'),
]);

/** What came back until the server closed its half. Rejects when the connection breaks: the answer was lost. */
export async function writeThenRead(socket: Socket, { head, bodyBytes }: WrittenRequest): Promise<string> {
  socket.pause();
  await write(socket, Buffer.from(head));
  const chunked = /^transfer-encoding: chunked/im.test(head);
  for (let sent = 0; sent < bodyBytes; sent += CHUNK_BYTES) {
    await write(socket, chunked ? CHUNK : CHUNK.subarray(-CHUNK_BYTES - 2, -2));
  }
  if (chunked) await write(socket, Buffer.from('0\r\n\r\n'));
  return text(socket);
}

/** Never more in our own memory than one write, so that the server has to read it. */
async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain');
}
