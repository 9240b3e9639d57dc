// What the HTTP tests share: a service in memory, the application on a free port, and a client that sends anything.
import type Router from '@koa/router';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { pino, type Logger } from 'pino';
import type { JobLog } from '../../src/controller/serving/job-output.ts';
import { type JobService, type QueryAnswer } from '../../src/controller/serving/job-service.ts';
import { NotFound } from '../../src/controller/errors.ts';
import { createApp, createRouters, type AppOptions } from '../../src/http/app.ts';
import { serve, type Listening, type ServeOptions } from '../../src/http/server/server.ts';
import type { RequestState } from '../../src/http/request/request-state.ts';
import type { LogRange } from '../../src/jobs/output.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { jobOf, NAMESPACE } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';

export const RUNNING: QueryAnswer = { done: false, error: false, error_text: '' };
export const JOB_ID = '0b9b5d6e-6a55-4c0f-9f0a-5f6a3f6f2b11';
export const START = { worker_id: 'local', command: 'bash', path: 'worker/scripts/count.sh' };
export const REF = { worker_id: 'local', job_id: JOB_ID };

const NEVER = new AbortController().signal;

type ReadableLogs = AppOptions['logs'];

export interface FakeLogs extends ReadableLogs {
  /** What was asked for, in order. */
  asked: LogRange[];
  /** The log of JOB_ID, the only job that has one. `signal`: aborted when nobody wants it any more. */
  open: (signal: AbortSignal) => JobLog;
}

export function fakeLogs(): FakeLogs {
  const logs: FakeLogs = {
    asked: [],
    open: () => ({ is: 'log', bytes: ['one\n', 'two\n'] }),
    async read(jobId, range, signal, send) {
      logs.asked.push(range);
      if (jobId !== JOB_ID) throw new NotFound('job');
      await send(logs.open(signal));
    },
  };
  return logs;
}

export interface FakeService extends JobService {
  /** What was started, in order. */
  started: JobRequest[];
  /** The jobs of the worker `local`; JOB_ID is running. */
  jobs: Map<string, QueryAnswer>;
  /** Thrown by every call from now on. */
  failure: Error | undefined;
  /** Called when a query that waited does so no longer. */
  patienceEnded: () => void;
  /** Called when a query begins to wait. */
  onWait: () => void;
  /** Ends the job, and wakes who waits for that. */
  finish: (jobId: string) => void;
  /** Every call waits for it. */
  gate: Promise<unknown>;
}

export function fakeService(): FakeService {
  const waiting = new Map<string, Set<() => void>>();
  const service: FakeService = {
    started: [],
    jobs: new Map([[JOB_ID, RUNNING]]),
    failure: undefined,
    patienceEnded: () => undefined,
    onWait: () => undefined,
    gate: Promise.resolve(),
    async start(request) {
      await known(request.workerId);
      service.started.push(request);
      const jobId = crypto.randomUUID();
      service.jobs.set(jobId, RUNNING);
      return jobId;
    },
    async stop(workerId, jobId) {
      const answer = await service.query(workerId, jobId);
      if (!answer.done) service.jobs.set(jobId, { done: true, error: true, error_text: 'signal: killed' });
    },
    finish(jobId) {
      service.jobs.set(jobId, { done: true, error: false, error_text: '' });
      for (const wake of waiting.get(jobId) ?? []) wake();
    },
    onDone(jobId, wake) {
      waiting.set(jobId, (waiting.get(jobId) ?? new Set()).add(wake));
      service.onWait();
      return () => {
        waiting.get(jobId)?.delete(wake);
        service.patienceEnded();
      };
    },
    async query(workerId, jobId) {
      await known(workerId);
      const answer = service.jobs.get(jobId);
      if (answer === undefined) throw new NotFound('job');
      return answer;
    },
  };
  async function known(workerId: string): Promise<void> {
    await service.gate;
    if (service.failure !== undefined) throw service.failure;
    if (workerId !== 'local') throw new NotFound('worker');
  }
  return service;
}

export type LogLine = Record<string, unknown>;

/** A logger whose lines can be looked at. */
export function recordingLog(level = 'debug'): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as LogLine);
  return { log: pino({ level }, { write }), lines };
}

export interface Portico {
  service: FakeService;
  logs: FakeLogs;
  /** All that is served, to be looked at. */
  routers: Router<RequestState>[];
  listening: Listening;
  lines: LogLine[];
  call(request: Request): Promise<Answer>;
  /** POSTs `body` as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Writes these bytes on a connection of their own: all that comes back until the server closes it. */
  raw(bytes: string): Promise<string>;
}

export interface Request {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The parsed body; undefined when it is empty, or no JSON. */
  json: unknown;
}

/** What is read of jobs: JOB_ID is on the cluster, and no other. */
export function fakeReads(): AppOptions['views'] {
  const { reads, api } = memoryReads();
  api.put(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, jobOf({ name: JOB_ID }));
  return reads;
}

/** What an application is made of, with nothing real behind it. */
export const fakeOptions = () =>
  ({
    service: fakeService(),
    logs: fakeLogs(),
    views: fakeReads(),
    callers: undefined,
    notReadyReasons: () => [],
    version: '1.2.3',
    exposition: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    loopbackOnly: true,
    stopping: NEVER,
  }) satisfies Partial<AppOptions>;

/** Listens on a free port of 127.0.0.1 with a fresh fake service; whoever starts it stops it. */
export async function startPortico(
  app: Partial<AppOptions> = {},
  server: Partial<ServeOptions> = {},
): Promise<Portico> {
  const fake = fakeOptions();
  const { service, logs } = fake;
  const { log, lines } = recordingLog();
  const options: AppOptions = { ...fake, log, ...app };
  const listening = await serve(createApp(options), {
    address: '127.0.0.1',
    port: 0,
    log,
    graceMs: 10_000,
    ...server,
  });
  const call = (request: Request) => send(listening.port, request);
  return {
    service,
    logs,
    routers: createRouters(options),
    listening,
    lines,
    call,
    post: (path, body, headers = {}) => call({ path, headers, body: JSON.stringify(body) }),
    raw: (bytes) => rawCall(listening.port, bytes),
  };
}

const isJson = ({ headers }: http.IncomingMessage): boolean =>
  headers['content-type']?.startsWith('application/json') ?? false;

/** One request on a connection of its own. POST unless told. */
export function send(port: number, { method = 'POST', path, headers = {}, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    request.once('response', (response) => {
      text(response).then((received) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: received,
          json: isJson(response) && received !== '' ? JSON.parse(received) : undefined,
        });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

async function rawCall(port: number, bytes: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}
