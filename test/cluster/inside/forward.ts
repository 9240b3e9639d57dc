// Lets processes outside reach an address inside: the listening socket was opened outside and belongs to the network there,
// whoever accepts from it.
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Between two tries: kube-proxy tells nobody when it has let a Service through, which it does a moment after the pods are ready. */
const RETRY_MS = 50;

/** Resolves when somebody listens there. */
export async function forward(server: Server, host: string, port: number): Promise<void> {
  while (!(await isReachable(host, port))) await delay(RETRY_MS);
  server.on('connection', (outer: Socket) => {
    const inner = connect(port, host);
    join(outer, inner);
    join(inner, outer);
  });
}

async function isReachable(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
