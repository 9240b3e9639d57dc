// GET /openapi.json.
import type Router from '@koa/router';
import type { RequestState } from '../request/request-state.ts';
import { documentOf } from '../openapi/document.ts';
import { OPERATIONS } from '../openapi/operations.ts';

export function addOpenApi(router: Router<RequestState>, version: string): void {
  // Made when it is first asked for, and then once: it does not change while the process lives.
  let document: string | undefined;
  router.get('/openapi.json', (ctx) => {
    document ??= JSON.stringify(documentOf(OPERATIONS, version));
    ctx.type = 'application/json';
    ctx.body = document;
  });
}
