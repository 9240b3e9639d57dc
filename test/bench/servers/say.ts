// The other side of server.ts: what a server's process tells the one that started it, and what it is told. It ends with that.

export function say(message: object): void {
  process.send?.(message);
}

/** Orders that come while one is carried out wait for it. */
export function obey<Order>(carryOut: (order: Order) => object | Promise<object>): void {
  let before: Promise<unknown> = Promise.resolve();
  process.on('message', (order: Order) => {
    before = before.then(async () => say(await carryOut(order)));
  });
}

process.once('disconnect', () => process.exit());
