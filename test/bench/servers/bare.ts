// What Koa is compared with: Node's own HTTP server, which reads a JSON body and answers a constant.
import { createServer } from 'node:http';
import { sayPort } from './say.ts';

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    JSON.parse(text);
    const body = JSON.stringify({ done: true, error: false, error_text: '' });
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    };
    response.writeHead(200, headers).end(body);
  });
}).listen(0, '127.0.0.1', () => sayPort(server));
