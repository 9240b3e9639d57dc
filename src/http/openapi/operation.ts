// How a route declares itself for the OpenAPI document: as data, beside the schemas that validate it. Every route of the router has to;
// a test compares. No IO.
import type { z } from 'zod';
import type { SchemaName, Value } from './schemas.ts';

export interface Operation {
  method: 'get' | 'post';
  /** As the router has it: /jobs/:id */
  path: string;
  /** What generated clients call it. */
  id: string;
  tag: Tag;
  /** To anyone, also where callers have to say who they are. */
  open?: true;
  summary: string;
  description?: string;
  parameters?: readonly Parameter[];
  body?: Content;
  /** By status code. */
  answers: Readonly<Record<number, ResponseSpec>>;
}

export const TAGS = {
  calls: 'The three calls of the original scheduler.',
  reads: 'What is known of jobs and workers.',
  page: 'For people: jobs and workers in a browser.',
  operation: 'For probes, Prometheus and generators of clients.',
} as const;
export type Tag = keyof typeof TAGS;

export interface Parameter {
  in: 'header' | 'path' | 'query';
  name: string;
  description: string;
  /** Inline: a simple one. */
  schema: z.ZodType;
  /** Only of a header or of the query. */
  optional?: boolean;
  example: string | number | boolean | readonly string[];
}

export interface ResponseSpec {
  description: string;
  headers?: readonly Header[];
  /** Of several, the request decides. */
  content?: Content | readonly Content[];
}

export interface Header {
  name: string;
  description: string;
  schema: z.ZodType;
  /** Whether it is always there. */
  required?: boolean;
}

type TextType =
  'text/plain' | 'text/event-stream' | 'text/html' | 'text/css' | 'text/javascript' | 'image/svg+xml';

export type Content =
  | { type: 'application/json'; schema: SchemaName; examples: Readonly<Record<string, unknown>> }
  /** Text, whose form another document defines. */
  | { type: TextType; examples: Readonly<Record<string, string>> };

/** JSON whose examples are of the schema's own type. */
export const json = <N extends SchemaName>(
  schema: N,
  examples: Readonly<Record<string, Value<N>>>,
): Content => ({ type: 'application/json', schema, examples });
