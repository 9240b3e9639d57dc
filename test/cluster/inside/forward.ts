// Lets processes outside reach an address inside: the listening socket was opened outside and belongs to the network there,
// whoever accepts from it.
import { connect, type Server, type Socket } from 'node:net';

export function forward(server: Server, host: string, port: number): void {
  server.on('connection', (outer: Socket) => {
    const inner = connect(port, host);
    join(outer, inner);
    join(inner, outer);
  });
}

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
