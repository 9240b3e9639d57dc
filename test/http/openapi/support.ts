// The document as the application answers it, and what a test asks of it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { documentOf, type OpenApiDocument } from '../../../src/http/openapi/document.ts';
import { OPERATIONS } from '../../../src/http/openapi/operations.ts';

export const document = (): OpenApiDocument => documentOf(OPERATIONS, '1.2.3');

export interface Media {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}
interface Described {
  schema: object;
  required?: boolean;
}
export interface DescribedAnswer {
  headers?: Record<string, Described>;
  content?: Record<string, Media>;
}
export interface DescribedOperation {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; schema: object; example: unknown }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, DescribedAnswer>;
}

/** Every operation of the document, as "POST /start". */
export function operationsOf({ paths }: OpenApiDocument): Map<string, DescribedOperation> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) =>
        [`${method.toUpperCase()} ${path}`, operation as unknown as DescribedOperation] as const,
    ),
  );
  return new Map(operations);
}

/** Compiles schemas that refer to those of the document. */
export function compilerFor({ components }: OpenApiDocument): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return (schema) => ajv.compile({ ...schema, components });
}
