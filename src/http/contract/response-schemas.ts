// The bodies that are answered, as schemas: what the OpenAPI document says of them. No IO.
import { z } from 'zod';

export const startAnswer = z.object({
  job_id: z.uuid().describe('The name of the Job, too: kubectl get job JOB_ID finds it.'),
});

export const stopAnswer = z.object({ success: z.literal(true) });

/** These fields, no more. */
export const queryAnswer = z.strictObject({
  done: z
    .boolean()
    .describe('Whether it is over: no process of it is left, and this answer will not change.'),
  error: z.boolean().describe('Whether it ended in any other way than with exit code 0.'),
  error_text: z.string().describe('How it ended; empty while it is not over, and on success.'),
});

export const errorAnswer = z.object({ error: z.string().describe('What is wrong, in words.') });

export const aliveAnswer = z.object({ alive: z.literal(true) });

export const readyAnswer = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()).describe('Why not; empty when it is ready.'),
  missing_rights: z
    .array(z.string())
    .optional()
    .describe('What the cluster refuses, each with the rule to add.'),
});

export const openApiAnswer = z.looseObject({ openapi: z.string() }).describe('This document.');
