// Two requests have one fingerprint exactly when they ask for the same run.
import { expect } from 'chai';
import fc from 'fast-check';
import { fingerprintOf } from '../../src/jobs/fingerprint.ts';
import type { JobRequest } from '../../src/jobs/request.ts';
import { requests } from './arbitraries.ts';

const request: JobRequest = { workerId: 'gpu', command: 'bash', path: 'count.sh', args: [], env: {} };

describe('the fingerprint of a request', () => {
  it('is 64 hex digits, and the same in every release', () => {
    expect(fingerprintOf(request)).to.equal(
      '1c825d2deed5b7641721610bf0ac8eb45b8f67d6677c4094dd9c307d6faf74a6',
    );
  });

  it('does not see the order of environment variables', () => {
    fc.assert(
      fc.property(requests, (one) => {
        const turned = Object.fromEntries(Object.entries(one.env).reverse());
        expect(fingerprintOf({ ...one, env: turned })).to.equal(fingerprintOf(one));
      }),
    );
  });

  it('takes an optional field that is empty for one that is absent', () => {
    const { workerId, command, path } = request;
    expect(fingerprintOf({ workerId, command, path } as JobRequest)).to.equal(fingerprintOf(request));
    expect(fingerprintOf({ ...request, timeoutSeconds: undefined })).to.equal(fingerprintOf(request));
  });

  it('differs between any two requests that differ', () => {
    fc.assert(
      fc.property(requests, requests, (one, other) => {
        fc.pre(JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)));
        expect(fingerprintOf(one)).to.not.equal(fingerprintOf(other));
      }),
    );
  });

  const changes: [string, Partial<JobRequest>][] = [
    ['the worker', { workerId: 'cpu' }],
    ['the command', { command: 'sh' }],
    ['the path', { path: 'count' }],
    ['an argument', { args: [''] }],
    ['where one argument ends', { path: 'count', args: ['.sh'] }],
    ['a variable', { env: { A: '' } }],
    ['a timeout', { timeoutSeconds: 1 }],
    ['a callback', { callbackUrl: 'https://hooks.example/' }],
  ];
  for (const [what, change] of changes)
    it(`sees ${what}`, () => {
      expect(fingerprintOf({ ...request, ...change })).to.not.equal(fingerprintOf(request));
    });

  it('sees the order of arguments', () => {
    expect(fingerprintOf({ ...request, args: ['a', 'b'] })).to.not.equal(
      fingerprintOf({ ...request, args: ['b', 'a'] }),
    );
  });
});

const sorted = ({ env, ...rest }: JobRequest) => ({ ...rest, env: Object.entries(env).sort() });
