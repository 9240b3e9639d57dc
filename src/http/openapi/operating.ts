// What is for machines around Portico: probes, metrics, the document itself.
import { errorAnswers } from './errors.ts';
import { json, type Operation } from './operation.ts';

const HEALTH: Operation = {
  method: 'get',
  path: '/healthz',
  id: 'getHealth',
  tag: 'operation',
  open: true,
  summary: 'Whether the process is alive.',
  answers: { 200: { description: 'It is.', content: json('Alive', { alive: { alive: true } }) } },
};

const READINESS: Operation = {
  method: 'get',
  path: '/readyz',
  id: 'getReadiness',
  tag: 'operation',
  open: true,
  summary: 'Whether this replica should get requests.',
  answers: {
    200: {
      description: 'It should.',
      content: json('Readiness', { ready: { ready: true, reasons: [] } }),
    },
    503: {
      description: 'It should not: the reasons say why.',
      content: json('Readiness', {
        starting: { ready: false, reasons: ['the jobs have not been read yet'] },
      }),
    },
  },
};

const METRICS: Operation = {
  method: 'get',
  path: '/metrics',
  id: 'getMetrics',
  tag: 'operation',
  open: true,
  summary: 'What Prometheus asks for.',
  answers: {
    200: {
      description: 'In its text format.',
      content: {
        type: 'text/plain',
        examples: { jobs: 'portico_jobs{worker_id="gpu",state="running"} 3\n' },
      },
    },
    ...errorAnswers(403),
  },
};

const DOCUMENT: Operation = {
  method: 'get',
  path: '/openapi.json',
  id: 'getOpenApi',
  tag: 'operation',
  open: true,
  summary: 'This document.',
  answers: {
    200: { description: 'OpenAPI 3.1.', content: json('OpenApi', { document: { openapi: '3.1.1' } }) },
    ...errorAnswers(403),
  },
};

export const OPERATION: readonly Operation[] = [HEALTH, READINESS, METRICS, DOCUMENT];
