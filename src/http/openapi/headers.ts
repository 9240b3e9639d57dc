// Headers that several routes take or send.
import { z } from 'zod';
import type { Header, Parameter } from './operation.ts';

export const requestId: Parameter = {
  in: 'header',
  name: 'X-Request-Id',
  description: 'Stands in the log line of the request, and is sent back.',
  schema: z.string().min(1).max(128),
  optional: true,
  example: 'build-4711',
};

export const requestIdSent: Header = {
  name: 'X-Request-Id',
  description: 'What was sent, or, with an error, one of Portico’s own: look for it in the log.',
  schema: z.string(),
};

export const retryAfter: Header = {
  name: 'Retry-After',
  description: 'Seconds after which it may be tried again.',
  schema: z.int().min(1),
  required: true,
};

/** RFC 9111, section 5.1. */
export const age: Header = {
  name: 'Age',
  description: 'While the API server is away: so many seconds ago this was true.',
  schema: z.int().min(0),
};

/** RFC 6750, section 3. */
export const challenge: Header = {
  name: 'WWW-Authenticate',
  description: 'What is wrong with the token, if there was one.',
  schema: z.string().startsWith('Bearer'),
  required: true,
};
