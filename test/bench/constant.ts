// What Portico is compared with: the same Koa, router and body parser, answering a constant. A process of its own.
import Router from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import type { AddressInfo } from 'node:net';

const router = new Router();
router.post('/constant', (ctx) => {
  ctx.body = { done: false, error: false, error_text: '' };
});

const server = new Koa()
  .use(bodyParser({ detectJSON: () => true }))
  .use(router.routes())
  .listen(0, '127.0.0.1', () => {
    process.send?.((server.address() as AddressInfo).port);
  });
process.once('disconnect', () => process.exit());
