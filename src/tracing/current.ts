// Which request a call to the API server is made for: what the two kinds of spans have in common.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/** `traceparent` and `tracestate`: https://www.w3.org/TR/trace-context/ */
export const propagator = new W3CTraceContextPropagator();

const current = new AsyncLocalStorage<Context>();

/** All that `task` does is done within `context`. */
export const within = <T>(context: Context, task: () => T): T => current.run(context, task);

/** Settling jobs, and whatever else no request asks for, is of no trace. */
export const currentContext = (): Context => current.getStore() ?? ROOT_CONTEXT;
