// What Portico is compared with: the same Koa, router and body parser, answering a constant.
import Router from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { sayPort } from './say.ts';

const router = new Router();
router.post('/query', (ctx) => {
  ctx.body = { done: true, error: false, error_text: '' };
});

const server = new Koa()
  .use(bodyParser({ detectJSON: () => true }))
  .use(router.routes())
  .listen(0, '127.0.0.1', () => sayPort(server));
