// What becomes of a body: trusted values, or words that say what was expected and what came.
import { expect } from 'chai';
import { z } from 'zod';
import { parseJobRef, parseStart, queryBody, startBody } from '../../src/http/contract/request-schemas.ts';
import { REF, START } from './fixture.ts';

const MAX_ARGUMENT = 131_071;

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    expect(error).to.include({ name: 'HttpError', status: 400 });
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const refusedStart = (fields: object): string => refusal(() => parseStart({ ...START, ...fields }));

describe('the body of /start', () => {
  it('becomes a request', () => {
    expect(parseStart(START)).to.deep.equal({
      workerId: 'local',
      command: 'bash',
      path: 'worker/scripts/count.sh',
      args: [],
      env: {},
    });
  });

  it('may carry args, env and timeout_seconds', () => {
    const optional = {
      args: ['', '-x', '$(HOME) "é"'],
      env: { A: '', 'b.c-d_2': '=\n' },
      timeout_seconds: 90,
      callback_url: 'https://hooks.example/done',
    };
    expect(parseStart({ ...START, ...optional })).to.deep.include({
      args: optional.args,
      env: optional.env,
      timeoutSeconds: 90,
      callbackUrl: 'https://hooks.example/done',
    });
  });

  it('may carry fields that nobody knows, __proto__ among them', () => {
    const body = JSON.parse(
      '{"__proto__": {"path": "x"}, "constructor": 1, "worker_id": "w", "command": "c", "path": "p"}',
    ) as object;
    expect(parseStart(body)).to.deep.equal({ workerId: 'w', command: 'c', path: 'p', args: [], env: {} });
  });

  it('takes any worker_id: whether there is one, the service says', () => {
    for (const id of ['../../nodes', '__proto__', '\0', 'a'.repeat(300), '\ud800']) {
      expect(parseStart({ ...START, worker_id: id }).workerId).to.equal(id);
    }
  });

  const wrong: [fields: object, text: string][] = [
    [{ worker_id: undefined }, 'expected "worker_id" to be a non-empty string, got nothing'],
    [{ worker_id: 7 }, 'expected "worker_id" to be a non-empty string, got number'],
    [{ command: '' }, 'expected "command" to be a non-empty string, got ""'],
    [{ command: null }, 'expected "command" to be a non-empty string, got null'],
    [{ path: ['a'] }, 'expected "path" to be a non-empty string, got array'],
    [{ path: 'a\0b' }, 'expected "path" to be a string without NUL and lone surrogates, got "a\\u0000b"'],
    [
      { command: '\ud800' },
      'expected "command" to be a string without NUL and lone surrogates, got "\\ud800"',
    ],
    [{ args: 'a b' }, 'expected "args" to be an array of strings, got string'],
    [{ args: null }, 'expected "args" to be an array of strings, got null'],
    [{ args: ['a', 5] }, 'expected "args[1]" to be a string, got number'],
    [{ args: ['\0'] }, 'expected "args[0]" to be a string without NUL and lone surrogates, got "\\u0000"'],
    [{ env: ['A=1'] }, 'expected "env" to be an object of strings, got array'],
    [{ env: { A: 1 } }, 'expected "env.A" to be a string, got number'],
    [
      { env: { A: 'x\0' } },
      'expected "env.A" to be a string without NUL and lone surrogates, got a string of 2 characters',
    ],
    [
      { callback_url: 'hooks.example' },
      'expected "callback_url" to be an http or https URL without credentials, of at most 2048 characters, got "hooks.example"',
    ],
    [
      { callback_url: 'https://a:b@hooks.example' },
      'expected "callback_url" to be an http or https URL without credentials, of at most 2048 characters, got a string of 25 characters',
    ],
    [
      { callback_url: 7 },
      'expected "callback_url" to be an http or https URL without credentials, of at most 2048 characters, got number',
    ],
    [
      { callback_url: `https://hooks.example/${'x'.repeat(2048)}` },
      'expected "callback_url" to be an http or https URL without credentials, of at most 2048 characters, got "https://hooks.example/xxxxxxxxxxxxxxxxxx"...',
    ],
    [
      { timeout_seconds: '5' },
      'expected "timeout_seconds" to be a whole number from 1 to 2147483647, got string',
    ],
    [{ timeout_seconds: 0 }, 'expected "timeout_seconds" to be a whole number from 1 to 2147483647, got 0'],
    [
      { timeout_seconds: 1.5 },
      'expected "timeout_seconds" to be a whole number from 1 to 2147483647, got 1.5',
    ],
    [
      { timeout_seconds: 2 ** 31 },
      'expected "timeout_seconds" to be a whole number from 1 to 2147483647, got 2147483648',
    ],
    [
      { timeout_seconds: 1e999 },
      'expected "timeout_seconds" to be a whole number from 1 to 2147483647, got Infinity',
    ],
  ];
  for (const [fields, text] of wrong) {
    it(`is refused with: ${text}`, () => {
      expect(refusedStart(fields)).to.equal(text);
    });
  }

  for (const name of ['', '9x', 'a=b', 'a b', 'é', 'A\n', '.', '..', '..a', '__proto__']) {
    it(`is refused with a variable called ${JSON.stringify(name)}`, () => {
      const env = Object.fromEntries([[name, 'v']]);
      expect(refusedStart({ env })).to.match(/^expected the names in "env" to be letters, .*, got "/);
    });
  }

  it('takes the names that Kubernetes takes', () => {
    const env = Object.fromEntries(
      ['_', 'a', '.a', '-', 'A.B', 'constructor', 'a..'].map((name) => [name, name]),
    );
    expect(parseStart({ ...START, env }).env).to.deep.equal(env);
  });

  it('names every wrong field at once', () => {
    expect(refusal(() => parseStart({ path: 1 }))).to.equal(
      'expected "worker_id" to be a non-empty string, got nothing; ' +
        'expected "command" to be a non-empty string, got nothing; ' +
        'expected "path" to be a non-empty string, got number',
    );
  });

  it('gets a short answer however much is wrong with it', () => {
    const text = refusedStart({
      worker_id: {},
      command: `${'x'.repeat(5000)}\0`,
      args: new Array(60_000).fill(1),
    });
    expect(text).to.contain('and 59994 more');
    expect(text).to.have.length.below(1000);
    expect(refusedStart({ env: { ['9'.repeat(5000)]: '' } })).to.have.length.below(200);
  });

  const noObjects: [body: unknown, came: string][] = [
    [[START], 'array'],
    ['text', 'string'],
    [null, 'null'],
    [5, 'number'],
    [true, 'boolean'],
  ];
  for (const [body, came] of noObjects) {
    it(`is refused when it is ${came}`, () => {
      const text = `expected the body to be a JSON object, got ${came}`;
      expect(refusal(() => parseStart(body))).to.equal(text);
      expect(refusal(() => parseJobRef(body))).to.equal(text);
    });
  }
});

describe('the size of a /start', () => {
  it('may be what Linux takes as one argument, and no byte more', () => {
    const longest = 'é'.repeat((MAX_ARGUMENT - 1) / 2);
    expect(parseStart({ ...START, args: [`${longest}x`] }).args[0]).to.have.length(
      (MAX_ARGUMENT - 1) / 2 + 1,
    );
    expect(refusedStart({ args: ['', `${longest}xx`] })).to.equal(
      'expected "args[1]" to be at most 131071 bytes, got 131072',
    );
    expect(refusedStart({ command: `${longest}xx` })).to.contain('expected "command" to be at most');
    expect(refusedStart({ path: `${longest}xx` })).to.contain('expected "path" to be at most');
  });

  it('counts a variable with its name', () => {
    const value = 'x'.repeat(MAX_ARGUMENT - 3);
    expect(parseStart({ ...START, env: { AB: value } }).env).to.have.property('AB');
    expect(refusedStart({ env: { ABC: value } })).to.equal(
      'expected "env.ABC" to be at most 131071 bytes, got 131072',
    );
  });

  it('leaves room among the annotations', () => {
    const half = 'x'.repeat(120_000);
    expect(refusedStart({ command: half, path: half })).to.equal(
      'expected "command" and "path" together to be at most 131072 bytes, got 240000',
    );
  });

  it('is bounded as a whole, with $ twice as in the Job', () => {
    const args = (character: string) => ({ args: new Array(6).fill(character.repeat(100_000)) });
    expect(parseStart({ ...START, ...args('x') }).args).to.have.length(6);
    expect(refusedStart(args('$'))).to.equal(
      'expected the whole job to be at most 1048576 bytes, got 1200108',
    );
  });

  it('is bounded in items', () => {
    expect(refusedStart({ args: new Array(65_537).fill('') })).to.equal(
      'expected "args" to have at most 65536 items, got 65537',
    );
    const env = Object.fromEntries(Array.from({ length: 65_537 }, (_, i) => [`A${String(i)}`, '']));
    expect(refusedStart({ env })).to.equal('expected "env" to have at most 65536 items, got 65537');
  });
});

describe('the body of /stop and /query', () => {
  it('becomes a reference to a job, however odd its ids', () => {
    expect(parseJobRef({ ...REF, more: 1 })).to.deep.equal({ workerId: 'local', jobId: REF.job_id });
    for (const id of ['../../nodes', '__proto__', 'constructor', '\0', 'a'.repeat(300), '\ud800', ' ']) {
      expect(parseJobRef({ worker_id: id, job_id: id })).to.deep.equal({ workerId: id, jobId: id });
    }
  });

  it('is refused with every wrong field named', () => {
    expect(refusal(() => parseJobRef({ worker_id: '', job_id: 3 }))).to.equal(
      'expected "worker_id" to be a non-empty string, got ""; expected "job_id" to be a non-empty string, got number',
    );
  });
});

describe('the schemas', () => {
  it('say as JSON Schema what is required, so that an OpenAPI document can be made from them', () => {
    const start = z.toJSONSchema(startBody, { io: 'input' });
    expect(start.required).to.deep.equal(['worker_id', 'command', 'path']);
    expect(start.properties).to.have.all.keys(
      'worker_id',
      'command',
      'path',
      'args',
      'env',
      'timeout_seconds',
      'callback_url',
    );
    expect(z.toJSONSchema(queryBody, { io: 'input' }).required).to.deep.equal(['worker_id', 'job_id']);
  });
});
