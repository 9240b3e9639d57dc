// The page and its files, as the OpenAPI document has them.
import { z } from 'zod';
import { errorAnswers } from './errors.ts';
import type { ResponseSpec, Header, Operation } from './operation.ts';

const etag: Header = {
  name: 'ETag',
  description: 'Of these very bytes: If-None-Match saves sending them again.',
  schema: z.string(),
  required: true,
};
const policy: Header = {
  name: 'Content-Security-Policy',
  description: 'Scripts and styles of our own alone, nothing inline, no frame around it.',
  schema: z.string(),
  required: true,
};

const NOT_MODIFIED: ResponseSpec = { description: 'It is what If-None-Match names.', headers: [etag] };
const notFound = (description: string, error: string): ResponseSpec => ({
  ...errorAnswers(404)[404],
  description,
  content: { type: 'application/json', schema: 'Error', examples: { route: { error } } },
});

const PAGE_ITSELF: Operation = {
  method: 'get',
  path: '/',
  id: 'getPage',
  tag: 'page',
  open: true,
  summary: 'Jobs and workers in a browser.',
  answers: {
    200: {
      description:
        'The page. It reads what all others read, by the calls above, with a token if one is asked for.',
      headers: [etag, policy],
      content: { type: 'text/html', examples: { page: '<!doctype html>' } },
    },
    304: NOT_MODIFIED,
    404: notFound('Something else than text/html is asked for.', 'no route for "/"'),
    ...errorAnswers(403),
  },
};

const FILE: Operation = {
  method: 'get',
  path: '/page/:file',
  id: 'getPageFile',
  tag: 'page',
  open: true,
  summary: 'What the page is made of.',
  parameters: [
    {
      in: 'path',
      name: 'file',
      description: 'A file of the page.',
      schema: z.string().min(1),
      example: 'main.js',
    },
  ],
  answers: {
    200: {
      description: 'The file.',
      headers: [etag, policy],
      content: [
        { type: 'text/javascript', examples: { module: 'export {};' } },
        { type: 'text/css', examples: { style: ':root {}' } },
        { type: 'image/svg+xml', examples: { icon: '<svg/>' } },
      ],
    },
    304: NOT_MODIFIED,
    404: notFound('There is no such file.', 'no route for "/page/lost.js"'),
    ...errorAnswers(403),
  },
};

export const PAGE: readonly Operation[] = [PAGE_ITSELF, FILE];
