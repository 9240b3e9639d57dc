// What Portico is compared with: the same Koa, router and body parser, answering a constant. Its arguments are the packages that it
// takes; all of them unless told.
import Router from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { json } from 'node:stream/consumers';
import { sayPort } from './say.ts';

const args = process.argv.slice(2);
const takes = (name: string) => args.length === 0 || args.includes(name);

const app = new Koa();
const answer = (ctx: Koa.Context) => {
  ctx.body = { done: true, error: false, error_text: '' };
};
const readBody: Koa.Middleware = async (ctx, next) => {
  ctx.request.body = await json(ctx.req);
  await next();
};
app.use(takes('koa-bodyparser') ? bodyParser({ detectJSON: () => true }) : readBody);
app.use(takes('@koa/router') ? new Router().post('/query', answer).routes() : answer);

const server = app.listen(0, '127.0.0.1', () => sayPort(server));
