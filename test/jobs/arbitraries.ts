// Generated input: Jobs and pods from nearly right to rubbish, requests, outcomes.
import fc from 'fast-check';
import { CONTAINER } from '../../src/jobs/labels.ts';
import type { Outcome } from '../../src/jobs/outcome/outcome.ts';
import { encodeOutcome } from '../../src/jobs/outcome/outcome.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import type { Job, Pod } from '../../src/kube/wire.ts';

const sometimesRubbish = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

const loose = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  sometimesRubbish(
    fc.record(
      Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, sometimesRubbish(field)])),
      { requiredKeys: [] },
    ),
  );

const second = fc.integer({ min: 0, max: 4 }).map((seconds) => `2030-01-01T00:00:0${String(seconds)}Z`);
const exitCode = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 128, 137, 143),
  fc.integer(),
);

export const outcomes: fc.Arbitrary<Outcome> = fc
  .record({
    state: fc.constantFrom('succeeded' as const, 'failed' as const, 'stopped' as const),
    errorText: fc.string({ minLength: 1, unit: 'binary' }),
    optional: fc.record(
      {
        exitCode: fc.integer(),
        signal: fc.integer({ min: 1, max: 64 }),
        reason: fc.string({ minLength: 1 }),
        log: fc.string({ minLength: 1, maxLength: 400, unit: 'binary' }),
        finishedAt: second,
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ state, errorText, optional }) => ({
    state,
    errorText: state === 'succeeded' ? '' : errorText,
    ...optional,
  }));

const message = fc.oneof(
  exitCode.map(
    (code) => `Container job for pod jobs/p-1 failed with exit code ${String(code)} matching FailJob`,
  ),
  fc.constant('Pod jobs/p-1 has condition DisruptionTarget matching FailJob rule at index 0'),
  fc.string(),
);

const condition = loose({
  type: fc.constantFrom('Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet', 'Suspended'),
  status: fc.constantFrom('True', 'True', 'False', 'Unknown'),
  reason: fc.constantFrom('PodFailurePolicy', 'DeadlineExceeded', 'BackoffLimitExceeded', ''),
  message,
  lastTransitionTime: second,
});

export const jobs = loose({
  metadata: loose({
    deletionTimestamp: second,
    annotations: loose({ 'portico.dev/outcome': fc.oneof(outcomes.map(encodeOutcome), fc.json()) }),
  }),
  status: loose({ conditions: fc.array(condition, { maxLength: 3 }) }),
}) as fc.Arbitrary<Job>;

const containerStatus = loose({
  name: fc.constantFrom(CONTAINER, 'other'),
  state: loose({
    terminated: loose({
      exitCode,
      reason: fc.constantFrom('Error', 'OOMKilled', 'StartError', 'Completed'),
      message: fc.oneof(
        fc.string(),
        fc.string().map((name) => `failed: exec: "${name}": not found: unknown`),
      ),
    }),
  }),
});

export const pods = loose({
  status: loose({
    reason: fc.constantFrom('Evicted', 'OutOfcpu'),
    conditions: fc.array(
      loose({
        type: fc.constant('DisruptionTarget'),
        status: fc.constant('True'),
        reason: fc.constant('EvictionByEvictionAPI'),
      }),
      { maxLength: 2 },
    ),
    containerStatuses: fc.array(containerStatus, { maxLength: 2 }),
    initContainerStatuses: fc.array(containerStatus, { maxLength: 1 }),
  }),
}) as fc.Arbitrary<Pod>;

/** Text that Kubernetes might expand, and any other. */
export const argument = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('$', '$$', '$(', ')', 'HOME', '$(HOME)', '{', ' ', 'é'), { maxLength: 8 })
    .map((parts) => parts.join('')),
);

export const envName = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/);

export const requests: fc.Arbitrary<JobRequest> = fc
  .record({
    workerId: fc.stringMatching(/^[a-z0-9]{1,20}$/),
    command: argument,
    path: argument,
    args: fc.array(argument, { maxLength: 4 }),
    env: fc.dictionary(envName, argument, { maxKeys: 4, noNullPrototype: true }),
    timeout: fc.option(fc.integer({ min: 1, max: 86_400 }), { nil: undefined }),
  })
  .map(({ timeout, ...request }) =>
    timeout === undefined ? request : { ...request, timeoutSeconds: timeout },
  );
