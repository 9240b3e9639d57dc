// The other side of server.ts: what a server's process tells the one that started it, and what it is told. It ends with that.
import type { AddressInfo, Server } from 'node:net';

export function say(message: object): void {
  process.send?.(message);
}

/** Where it serves: the first that is told. */
export function sayPort(server: Server): void {
  say({ port: (server.address() as AddressInfo).port });
}

/** Orders that come while one is carried out wait for it. */
export function obey<Order>(carryOut: (order: Order) => object | Promise<object>): void {
  let before: Promise<unknown> = Promise.resolve();
  process.on('message', (order: Order) => {
    before = before.then(async () => say(await carryOut(order)));
  });
}

process.once('disconnect', () => process.exit());
