// What the caller is told of each thing that can go wrong, and what only the log is told.
import { expect } from 'chai';
import { NotFound, NotReady } from '../../src/controller/errors.ts';
import { answerTo } from '../../src/http/middleware/error-responses.ts';
import { HttpError } from '../../src/http/contract/http-error.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { REF, START, startPortico, type Portico } from './fixture.ts';

const status = (code: number, message: string, retryAfterSeconds?: number): StatusError =>
  new StatusError(code, { message }, retryAfterSeconds);

/** 422 Invalid, as the API server says it: the fields are in details.causes. */
const invalid = (...causes: [field: string, message: string][]): StatusError =>
  new StatusError(422, {
    reason: 'Invalid',
    message: `Job.batch "0b9b5d6e" is invalid: ${causes.map((cause) => cause.join(': ')).join(', ')}`,
    details: { causes: causes.map(([field, message]) => ({ reason: 'FieldValueInvalid', field, message })) },
  });

const ENV_NAME = 'spec.template.spec.containers[0].env[0].name';
const IMAGE = 'spec.template.spec.containers[0].image';

describe('the answer to an error', () => {
  const rows: [what: string, error: unknown, code: number, text: string, retryAfter?: string][] = [
    ['our own refusal', new HttpError(418, 'no'), 418, 'no'],
    ['no such worker', new NotFound('worker'), 500, 'worker not found'],
    ['no such job', new NotFound('job'), 500, 'job not found'],
    ['caches that are not in', new NotReady('jobs: 3 of 9 pages'), 503, 'not ready yet: try again', '1'],
    [
      'no API server',
      new UnreachableError('connect 10.0.0.1'),
      503,
      'the cluster cannot be reached: try again',
      '1',
    ],
    ['429 with a time', status(429, 'slow down', 7), 429, 'the cluster is busy: try again', '7'],
    ['429 without a time', status(429, 'slow down'), 429, 'the cluster is busy: try again', '1'],
    ['429 with half a second', status(429, '', 0.5), 429, 'the cluster is busy: try again', '1'],
    ['500', status(500, 'etcd at 10.0.0.2'), 503, 'the cluster cannot serve this now: try again', '1'],
    [
      '503 with a time',
      status(503, 'shutting down', 4),
      503,
      'the cluster cannot serve this now: try again',
      '4',
    ],
    [
      'a bad token',
      status(401, 'Unauthorized'),
      503,
      'Portico lacks a permission on the cluster: ask its operator (see /readyz)',
      '30',
    ],
    [
      'a missing right',
      status(403, 'User "system:serviceaccount:x:portico" cannot create resource "jobs"'),
      503,
      'Portico lacks a permission on the cluster: ask its operator (see /readyz)',
      '30',
    ],
    [
      'a quota that is used up',
      status(
        403,
        'jobs.batch "x" is forbidden: exceeded quota: few, requested: count/jobs.batch=1, used: count/jobs.batch=5, limited: count/jobs.batch=5',
      ),
      503,
      'the cluster takes no more jobs now: quota few is used up (requested: count/jobs.batch=1, used: count/jobs.batch=5, limited: count/jobs.batch=5)',
      '30',
    ],
    [
      'a Job that is too large',
      status(413, 'limit is 3145728'),
      400,
      'the cluster refuses this job: it is too large',
    ],
    [
      'a variable that Kubernetes does not like',
      invalid([ENV_NAME, 'Invalid value: "9"']),
      400,
      `the cluster refuses this job: ${ENV_NAME}: Invalid value: "9"`,
    ],
    [
      'several things of the caller',
      invalid(
        ['metadata.annotations', 'Too long: may not be more than 262144 bytes'],
        ['spec.activeDeadlineSeconds', 'Invalid value: -1'],
      ),
      400,
      'the cluster refuses this job: metadata.annotations: Too long: may not be more than 262144 bytes; ' +
        'spec.activeDeadlineSeconds: Invalid value: -1',
    ],
    ['a template that Kubernetes does not like', invalid([IMAGE, 'Required value']), 500, 'internal error'],
    [
      'a template that is wrong beside the caller',
      invalid([ENV_NAME, 'Invalid value: "9"'], [IMAGE, 'Required value']),
      500,
      'internal error',
    ],
    ['a refusal without causes', status(422, 'invalid'), 500, 'internal error'],
    [
      'the policy of a webhook',
      status(403, 'admission webhook "check.internal.example" denied the request: no sleeping on Sundays'),
      400,
      'a policy of the cluster refuses this job: no sleeping on Sundays',
    ],
    [
      'a ValidatingAdmissionPolicy',
      status(
        422,
        "jobs.batch \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no curl",
      ),
      400,
      'a policy of the cluster refuses this job: no curl',
    ],
    [
      'a namespace that is not there',
      status(404, 'namespaces "jobs" not found'),
      503,
      'Portico lacks its namespace on the cluster: ask its operator (see /readyz)',
      '30',
    ],
    [
      'a Job that changes faster than we follow',
      new StatusError(409, { reason: 'Conflict', message: 'the object has been modified' }),
      503,
      'the cluster cannot serve this now: try again',
      '1',
    ],
    ['a name that is taken', status(409, 'jobs.batch "x" already exists'), 500, 'internal error'],
    ['a fault of ours', new TypeError('x is undefined'), 500, 'internal error'],
    ['what is no error', 'text', 500, 'internal error'],
    ['nothing', undefined, 500, 'internal error'],
  ];
  for (const [what, error, code, text, retryAfter] of rows) {
    it(`on ${what} is ${String(code)} "${text}"`, () => {
      const answer = answerTo(error);
      expect(answer).to.include({ status: code, text });
      expect(answer.headers?.['Retry-After']).to.equal(retryAfter);
    });
  }

  it('is bounded, however much the cluster says', () => {
    const long = invalid(['spec.template.spec.containers[0].args[0]', 'x'.repeat(10_000)]);
    expect(answerTo(long).text).to.have.length.below(600);
  });
});

describe('an error of the service', () => {
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico();
  });
  afterEach(() => portico.listening.stop());

  const loud = () => portico.lines.filter((line) => Number(line.level) > 30);

  it('reaches the caller of each route as JSON with Retry-After, and the operator in whole', async () => {
    portico.service.failure = new UnreachableError('connect ECONNREFUSED 10.0.0.1:6443');
    for (const [path, body] of [
      ['/start', START],
      ['/stop', REF],
      ['/query', REF],
    ] as const) {
      const { status: code, headers, json } = await portico.post(path, body);
      expect(code).to.equal(503);
      expect(headers).to.include({ 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' });
      expect(json).to.deep.equal({ error: 'the cluster cannot be reached: try again' });
    }
    expect(loud()).to.have.length(3);
    expect(loud()[0]).to.have.nested.property('err.message', 'connect ECONNREFUSED 10.0.0.1:6443');
  });

  it('that nobody expected is "internal error", and logged with the id that the caller was given', async () => {
    portico.service.failure = new Error('secret');
    const { status: code, json, headers } = await portico.post('/query', REF);
    expect({ code, json }).to.deep.equal({ code: 500, json: { error: 'internal error' } });
    expect(loud()[0]).to.include({ msg: 'request failed', reqId: headers['x-request-id'] });
    expect(loud()[0]).to.have.nested.property('err.message', 'secret');
  });

  it("that is the caller's own is not logged as one", async () => {
    await portico.post('/query', { ...REF, job_id: 'nope' });
    await portico.post('/query', {});
    expect(loud()).to.be.empty;
  });
});
