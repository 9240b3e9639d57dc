// What waiters are compared with: Node's own HTTP server, which holds every request and never answers.
import { createServer, type ServerResponse } from 'node:http';
import { memoryNow } from './memory.ts';
import { obey, sayPort } from './say.ts';

const held: ServerResponse[] = [];
const server = createServer((request, response) => {
  held.push(response);
  request.resume();
}).listen(0, '127.0.0.1', () => sayPort(server));
obey(memoryNow);
