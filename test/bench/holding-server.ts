// What waiters are compared with: Node's own HTTP server, which holds every request and never answers. A process of its own.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryNow } from './memory.ts';

const held: ServerResponse[] = [];
const server = createServer((request, response) => {
  held.push(response);
  request.resume();
}).listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.(memoryNow()));
process.once('disconnect', () => process.exit());
