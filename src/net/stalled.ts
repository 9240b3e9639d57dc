// Cuts off clients that take nothing of what waits for them. A connection on which nothing waits may be silent for as long as it likes.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

export interface StallOptions {
  log: Logger;
  /** How long a client may take nothing, in milliseconds. It is noticed a sixth of that later at most. */
  stallMs?: number;
  clock?: Clock | undefined;
}

/** TCP asks a peer whose window is closed for more room at intervals of up to a minute (RFC 9293, 3.8.6.1). */
const STALL_MS = 60_000;

/** How far a connection had come when it was looked at. */
interface Mark {
  taken: number;
  queued: number;
  sinceMs: number;
}

/** Until the server closes. */
export function cutStalled(
  server: Server,
  { log, stallMs = STALL_MS, clock = systemClock }: StallOptions,
): void {
  const sockets = new Map<Socket, Mark | undefined>();
  // One for all: there may be thousands.
  const closed = function (this: Socket) {
    sockets.delete(this);
  };
  // With TLS, what waits does so on the socket that encrypts.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.set(socket, undefined);
    socket.on('close', closed);
  });
  const look = () => {
    const stalled = stalledOf(sockets, clock.elapsedMs(), stallMs);
    for (const socket of stalled) reset(socket);
    if (stalled.length > 0) log.info({ connections: stalled.length }, 'cut clients that took nothing');
    cancel = clock.after(stallMs / 6, look);
  };
  let cancel = clock.after(stallMs / 6, look);
  server.once('close', () => cancel());
}

function stalledOf(sockets: Map<Socket, Mark | undefined>, nowMs: number, stallMs: number): Socket[] {
  const stalled: Socket[] = [];
  for (const [socket, before] of sockets) {
    if (socket.writableLength === 0) {
      if (before) sockets.set(socket, undefined);
      continue;
    }
    const mark = { ...progressOf(socket), sinceMs: nowMs };
    if (before?.taken !== mark.taken || before.queued !== mark.queued) sockets.set(socket, mark);
    else if (nowMs - before.sinceMs >= stallMs) stalled.push(socket);
  }
  return stalled;
}

interface Handle {
  writeQueueSize?: number;
  _parent?: Handle;
}

/** Changes whenever the client has taken something: whole writes, and parts of the one that is under way. */
function progressOf(socket: Socket): Omit<Mark, 'sinceMs'> {
  // As Node's own socket.setTimeout() looks at it; without it, a write counts when all of it is taken. Under TLS, the queue is TCP's.
  const { _handle: handle } = socket as { _handle?: Handle | null };
  const { writeQueueSize: queued = 0 } = handle?._parent ?? handle ?? {};
  return { taken: socket.bytesWritten - socket.writableLength, queued };
}

/**
 * Ends a connection so that what was sent never looks whole, also where nothing but the end of the connection tells the end of an
 * answer (HTTP/1.0). With TLS, the close_notify alert that is not sent tells the same (RFC 8446, 6.1).
 */
export function reset(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
