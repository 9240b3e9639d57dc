// One request of a connection at a time. HTTP/1.1 lets clients send many before they read an answer (pipelining: RFC 9112, 9.3.2),
// and Node serves all that have come at once, whatever their answers weigh.
import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that wait on one connection, of some kilobytes each. RFC 9112, 9.3.2: a client repeats those that got no answer. */
const MOST_WAITING = 100;

interface Connection {
  last: ServerResponse;
  waiting: number;
}

/** Begins with a request when the answer before it on the same connection has been taken; with more than wait, the connection ends. */
export function inTurn(serve: RequestListener): RequestListener {
  const connections = new WeakMap<Socket, Connection>();
  return (request, response) => {
    const { socket } = request;
    const connection = connections.get(socket);
    if (!connection) {
      connections.set(socket, { last: response, waiting: 0 });
      return serve(request, response);
    }
    const before = connection.last;
    connection.last = response;
    if (before.writableFinished) return serve(request, response);
    if (connection.waiting === MOST_WAITING) return socket.destroy();
    connection.waiting += 1;
    // Of an answer that was never begun because the connection broke, there is no such event: then nothing follows.
    return before.once('close', () => {
      connection.waiting -= 1;
      if (!socket.destroyed) serve(request, response);
    });
  };
}
