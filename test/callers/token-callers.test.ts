// What the API server is asked about callers, and for how long its answers are taken for true.
import { expect } from 'chai';
import { type JWTPayload, UnsecuredJWT } from 'jose';
import { type Access, Forbidden, Unauthenticated } from '../../src/callers/callers.ts';
import { TokenCallers } from '../../src/callers/token-callers.ts';
import { NotSentError, StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { ReviewApi } from '../support/review-api.ts';

const CI = 'system:serviceaccount:ci:runner';
const USER = {
  username: CI,
  uid: 'u-1',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['build-1'] },
};
const START: Access = { verb: 'create', subresource: 'jobs', workerId: 'gpu' };

describe('a caller with a token', () => {
  let api: ReviewApi;
  let clock: FakeClock;
  let callers: TokenCallers;
  beforeEach(() => {
    api = new ReviewApi();
    clock = fakeClock();
    callers = new TokenCallers({
      client: api,
      audience: 'portico',
      namespace: 'jobs',
      clock,
    });
  });

  /** Good for `seconds` by its own word; the API server takes it for as long as it knows it. */
  function token(seconds = 3600, audience = 'portico'): string {
    const jwt = new UnsecuredJWT({
      sub: CI,
      exp: clock.dateMs() / 1000 + seconds,
      jti: String(api.tokens.size),
    });
    const text = jwt.setAudience(audience).encode();
    api.tokens.set(text, { audiences: [audience], user: USER });
    return text;
  }
  const failure = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => expect.fail('it succeeded'),
      (error: unknown) => error as Error,
    );

  it('is who the API server says, for our audience', async () => {
    const text = token();
    expect(await callers.authenticate(text)).to.have.property('username', CI);
    expect(api.tokenReviews).to.deep.equal([{ token: text, audiences: ['portico'] }]);
  });

  for (const byMs of [2 * 3_600_000, -2 * 3_600_000]) {
    it(`is asked about again after a minute, also when the time is set by ${String(byMs / 1000)} s`, async () => {
      const text = token(24 * 3_600);
      await callers.authenticate(text);
      clock.setDate(byMs);
      await clock.advance(59_000);
      await callers.authenticate(text);
      expect(api.tokenReviews).to.have.length(1);
      await clock.advance(1_001);
      await callers.authenticate(text);
      expect(api.tokenReviews).to.have.length(2);
    });
  }

  it('may what RBAC lets all that it is do with a virtual resource', async () => {
    api.rights.add(`${CI} create workers/jobs gpu`);
    await (await callers.authenticate(token())).assertMay(START);
    const { username: user, ...rest } = USER;
    expect(api.accessReviews).to.deep.equal([
      {
        user,
        ...rest,
        resourceAttributes: {
          namespace: 'jobs',
          verb: 'create',
          group: 'portico.dev',
          resource: 'workers',
          subresource: 'jobs',
          name: 'gpu',
        },
      },
    ]);
  });

  const MISSING: [access: Access, words: string][] = [
    [START, 'create workers/jobs "gpu"'],
    [{ verb: 'get', subresource: 'logs', workerId: 'gpu' }, 'get workers/logs "gpu"'],
    [{ verb: 'list', subresource: 'jobs' }, 'list workers/jobs'],
    [{ verb: 'list' }, 'list workers'],
  ];
  for (const [access, words] of MISSING) {
    it(`hears that the right to ${words} is missing`, async () => {
      api.rights.add(`${CI} create workers/jobs other`);
      api.rights.add(`${CI} get workers/jobs gpu`);
      const caller = await callers.authenticate(token());
      const error = await failure(caller.assertMay(access));
      expect(error).to.be.instanceOf(Forbidden);
      expect(error.message).to.equal(
        `expected the right to ${words} in namespace jobs, API group portico.dev: ${CI} does not have it`,
      );
    });
  }

  it('is not asked about a worker that cannot exist', async () => {
    const caller = await callers.authenticate(token());
    for (const workerId of ['../..', '\0', 'w'.repeat(100_000)])
      await caller.assertMay({ ...START, workerId });
    expect(api.accessReviews).to.be.empty;
  });

  const REFUSED: [what: string, make: () => string, words: RegExp][] = [
    ['is no JWT', () => 'rubbish', /got one that is no JWT$/],
    ['has expired', () => withdrawn(token(-1)), /got one that has expired$/],
    ['was made for another audience', () => token(60, 'vault'), /got one for "vault"$/],
    ['belongs to a pod that is gone', () => withdrawn(token()), /got one that it does not accept$/],
    ['is for nobody', () => withdrawn(new UnsecuredJWT({}).encode()), /got one for none$/],
    [
      'is for more than can be shown',
      () => withdrawn(new UnsecuredJWT({}).setAudience(['"x"', 'y'.repeat(10_000)]).encode()),
      /got one for "\\"x\\"", "y{190}$/,
    ],
  ];
  function withdrawn(text: string): string {
    api.tokens.delete(text);
    return text;
  }
  for (const [what, make, words] of REFUSED) {
    it(`whose token ${what} hears so`, async () => {
      const error = await failure(callers.authenticate(make()));
      expect(error).to.be.instanceOf(Unauthenticated);
      expect(error.message)
        .to.match(/^expected a token of this cluster for the audience "portico", /)
        .and.match(words);
    });
  }

  it('is nobody to an API server that knows of no audiences, or names no user', async () => {
    for (const status of [
      { audiences: [], user: USER },
      { user: USER },
      { audiences: ['portico'], user: {} },
    ]) {
      const deaf = {
        request: () => Promise.resolve({ status: { authenticated: true, ...status } }),
        lines: () => api.lines(),
      };
      const options = { audience: 'portico', namespace: 'jobs', clock };
      const error = await failure(
        new TokenCallers({ client: deaf as never, ...options }).authenticate(token()),
      );
      expect(error).to.be.instanceOf(Unauthenticated);
    }
  });

  it('is asked about again after a minute, and then what was taken away is gone', async () => {
    const text = token();
    api.rights.add(`${CI} create workers/jobs gpu`);
    const call = async () => (await callers.authenticate(text)).assertMay(START);
    await call();
    withdrawn(text);
    api.rights.clear();
    await clock.advance(60_000);
    await call();
    expect([api.tokenReviews, api.accessReviews].map(({ length }) => length)).to.deep.equal([1, 1]);
    await clock.advance(1);
    expect(await failure(call())).to.be.instanceOf(Unauthenticated);
  });

  it('loses a right within a minute', async () => {
    api.rights.add(`${CI} create workers/jobs gpu`);
    const caller = await callers.authenticate(token());
    await caller.assertMay(START);
    api.rights.clear();
    await clock.advance(60_001);
    expect(await failure(caller.assertMay(START))).to.be.instanceOf(Forbidden);
  });

  it('is asked about again at the end of its token', async () => {
    const text = token(10);
    await callers.authenticate(text);
    withdrawn(text);
    await clock.advance(9_999);
    await callers.authenticate(text);
    await clock.advance(1);
    expect(await failure(callers.authenticate(text))).to.be.instanceOf(Unauthenticated);
  });

  it('is asked about at once again when its token is over by our clock and not by theirs', async () => {
    const text = token(-5);
    await callers.authenticate(text);
    withdrawn(text);
    await clock.advance(2);
    expect(await failure(callers.authenticate(text))).to.be.instanceOf(Unauthenticated);
  });

  it('no token makes itself last longer than a minute', async () => {
    for (const exp of [1e300, 'never', null, {}]) {
      const text = new UnsecuredJWT({ exp } as JWTPayload).encode();
      api.tokens.set(text, { audiences: ['portico'], user: USER });
      await callers.authenticate(text);
      withdrawn(text);
      await clock.advance(60_001);
      expect(await failure(callers.authenticate(text)), JSON.stringify(exp)).to.be.instanceOf(
        Unauthenticated,
      );
    }
  });

  it('is known, and may, a few seconds after that was granted', async () => {
    const text = withdrawn(token());
    await failure(callers.authenticate(text));
    api.tokens.set(text, { audiences: ['portico'], user: USER });
    await failure(callers.authenticate(text));
    expect(api.tokenReviews).to.have.length(1);
    await clock.advance(5_001);
    const caller = await callers.authenticate(text);
    await failure(caller.assertMay(START));
    api.rights.add(`${CI} create workers/jobs gpu`);
    await failure(caller.assertMay(START));
    expect(api.accessReviews).to.have.length(1);
    await clock.advance(5_001);
    await caller.assertMay(START);
  });

  it('a hundred calls at once are one question', async () => {
    const text = token();
    api.rights.add(`${CI} create workers/jobs gpu`);
    const call = async () => (await callers.authenticate(text)).assertMay(START);
    await Promise.all(Array.from({ length: 100 }, call));
    expect([api.tokenReviews, api.accessReviews].map(({ length }) => length)).to.deep.equal([1, 1]);
  });

  it('one caller’s right is not another’s, nor one worker’s or verb’s another’s', async () => {
    api.rights.add(`${CI} create workers/jobs gpu`);
    const caller = await callers.authenticate(token());
    await caller.assertMay(START);
    for (const access of [{ workerId: 'cpu' }, { verb: 'delete' as const }, { subresource: 'logs' as const }])
      expect(await failure(caller.assertMay({ ...START, ...access }))).to.be.instanceOf(Forbidden);
    const other = token();
    api.tokens.set(other, { audiences: ['portico'], user: { username: 'eve' } });
    expect(await failure((await callers.authenticate(other)).assertMay(START))).to.be.instanceOf(Forbidden);
  });

  for (const [what, error] of [
    ['the API server is away', new UnreachableError('away')],
    ['too much is asked', new NotSentError('busy', 1)],
    ['our own token is refused', new StatusError(401, { reason: 'Unauthorized' })],
    ['we may not ask', new StatusError(403, { reason: 'Forbidden' })],
  ] as const) {
    it(`is neither let in nor blamed while ${what}, and nothing of it is remembered`, async () => {
      api.rights.add(`${CI} create workers/jobs gpu`);
      const [known, unknown] = [token(), token()];
      const caller = await callers.authenticate(known);
      api.failure = error;
      expect(await failure(callers.authenticate(unknown))).to.equal(error);
      expect(await failure(caller.assertMay(START))).to.equal(error);
      api.failure = undefined;
      await callers.authenticate(unknown);
      await caller.assertMay(START);
    });

    it(`is not let in on an old answer while ${what}`, async () => {
      const text = token();
      await callers.authenticate(text);
      await clock.advance(60_001);
      api.failure = error;
      expect(await failure(callers.authenticate(text))).to.equal(error);
    });
  }

  it('more tokens than are remembered at once each get their own answer', async () => {
    let open: (value?: unknown) => void = () => undefined;
    api.gate = new Promise((resolve) => (open = resolve));
    const good = token();
    const first = callers.authenticate(good);
    const bad = Array.from({ length: 4_200 }, (_, i) => failure(callers.authenticate(`bad-${String(i)}`)));
    open();
    expect(await first).to.have.property('username', CI);
    for (const error of await Promise.all(bad)) expect(error).to.be.instanceOf(Unauthenticated);
  });
});
