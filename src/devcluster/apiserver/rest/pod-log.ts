// Serves a pod's log: reads the options, leaves the reading of the log to the node.
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Pod } from '../../../kube/wire.ts';
import { PODS } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { badRequest, invalid, notFound, notImplemented, Refusal, type StatusCause } from '../../status.ts';
import type { LogOptions } from './log-options.ts';
import { flag, integer, text, type Api, type Call, type Reply } from './call.ts';
import type { RequestPath } from './place.ts';

/** Throws Refusal. */
export function podLog(
  api: Api,
  { namespace, name }: RequestPath & { name: string },
  { query }: Call,
): Reply {
  if (!api.readLog) throw notImplemented('logs without a node');
  const pod = api.objects.get<Pod>(PODS, namespace, name);
  if (!pod) throw notFound({ group: '', plural: PODS.plural, name });
  const options = logOptionsOf(pod, query, api.clock.dateMs());
  // Nobody has run it yet, so it has said nothing.
  if (!pod.spec?.nodeName) return { send: 'text', code: 204, text: '' };
  const log = api.readLog(pod, options);
  if (log instanceof Refusal) throw log;
  return {
    send: 'stream',
    start(response, ended) {
      sendLog(log, response, ended);
    },
  };
}

function sendLog(log: Readable, response: ServerResponse, ended: AbortSignal): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const stop = () => {
    log.destroy();
  };
  ended.addEventListener('abort', stop, { once: true });
  response.once('close', () => {
    ended.removeEventListener('abort', stop);
    log.destroy();
  });
  // What could not be read to its end must not look whole.
  log.once('error', () => response.destroy());
  log.once('close', () => response.end());
  log.pipe(response);
}

function logOptionsOf(pod: Stored<Pod>, query: URLSearchParams, now: number): LogOptions {
  const numbers = {
    tailLines: integer(query, 'tailLines'),
    sinceSeconds: integer(query, 'sinceSeconds'),
    limitBytes: integer(query, 'limitBytes'),
  };
  const sinceTime = sinceTimeOf(query);
  const causes = causesOf(numbers);
  if (sinceTime !== undefined && numbers.sinceSeconds !== undefined) {
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
      field: '[]',
    });
  }
  if (causes.length > 0) throw invalid('', 'PodLogOptions', pod.metadata.name, causes);
  const sinceMs = numbers.sinceSeconds === undefined ? sinceTime : now - numbers.sinceSeconds * 1000;
  return {
    container: containerOf(pod, query),
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    ...(numbers.tailLines !== undefined && { tailLines: numbers.tailLines }),
    ...(numbers.limitBytes !== undefined && { limitBytes: numbers.limitBytes }),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}

function causesOf(
  numbers: Record<'tailLines' | 'sinceSeconds' | 'limitBytes', number | undefined>,
): StatusCause[] {
  const least = { tailLines: 0, sinceSeconds: 1, limitBytes: 1 };
  return (['tailLines', 'limitBytes', 'sinceSeconds'] as const).flatMap((field) => {
    const value = numbers[field];
    if (value === undefined || value >= least[field]) return [];
    const bound = least[field] === 0 ? 'greater than or equal to 0' : 'greater than 0';
    return {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${String(value)}: must be ${bound}`,
      field,
    };
  });
}

function sinceTimeOf(query: URLSearchParams): number | undefined {
  const value = text(query, 'sinceTime');
  if (value === undefined) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time)) {
    throw badRequest(`expected "sinceTime" to be an RFC 3339 time, got ${JSON.stringify(value)}`);
  }
  return time;
}

/** Pods here have one. Throws Refusal (400). */
function containerOf(pod: Stored<Pod>, query: URLSearchParams): string {
  const only = pod.spec?.containers[0]?.name ?? '';
  const asked = text(query, 'container') ?? only;
  if (asked === only) return only;
  throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
}
