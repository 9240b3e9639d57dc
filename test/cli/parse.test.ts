// The words of the commands that call a Portico.
import { expect } from 'chai';
import { parseCommand } from '../../src/cli/parse.ts';
import { commandHelp, isCommandName } from '../../src/cli/syntax.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const SERVER = 'http://127.0.0.1:3000';
const TARGET = { server: SERVER, tokenFile: undefined };

const parse = (line: string | string[], env = {}) => {
  const parsed = parseCommand(typeof line === 'string' ? line.split(' ') : line, env);
  return parsed && 'command' in parsed ? parsed.command : parsed;
};

describe('the command line', () => {
  it('of what is no command is left to others', () => {
    for (const line of ['release', '--port=0', '__proto__', 'toString', '']) {
      expect(parse(line), line).to.equal(undefined);
    }
  });

  it('of start has options first, and from COMMAND on all is the job’s', () => {
    const expected = {
      ...TARGET,
      run: 'start',
      job: { worker_id: 'gpu', command: 'bash', path: '-c', args: ['exit 3', '--wait', '--', '-h'] },
      key: undefined,
      wait: false,
      follow: false,
      json: false,
    };
    expect(parse(['start', 'gpu', 'bash', '-c', 'exit 3', '--wait', '--', '-h'])).to.deep.equal(expected);
    expect(parse(['start', 'gpu', '--', 'bash', '-c', 'exit 3', '--wait', '--', '-h'])).to.deep.equal(
      expected,
    );
  });

  it('of start knows the environment, the deadline, the key', () => {
    const line =
      'start --env A=1 --env B=x=y --env C= --timeout 9 --callback http://x/y --key k --wait --json gpu --follow=no true x';
    expect(() => parse(line)).to.throw(UsageError, 'expected --follow without a value, got "no"');
    const { job, key, wait, json } = parse(line.replace(' --follow=no', '')) as Record<string, unknown>;
    expect({ job, key, wait, json }).to.deep.equal({
      job: {
        worker_id: 'gpu',
        command: 'true',
        path: 'x',
        env: { A: '1', B: 'x=y', C: '' },
        timeout_seconds: 9,
        callback_url: 'http://x/y',
      },
      key: 'k',
      wait: true,
      json: true,
    });
    expect(parse('start -f gpu true x')).to.include({ wait: true, follow: true });
  });

  it('of the others', () => {
    const ofJob = { ...TARGET, jobId: 'j' };
    expect(parse('stop j')).to.deep.equal({ ...ofJob, run: 'stop', workerId: undefined, json: false });
    expect(parse('query --worker w --json j')).to.include({ run: 'query', workerId: 'w', json: true });
    expect(parse('wait j -f')).to.include({ run: 'wait', jobId: 'j', follow: true });
    expect(parse('jobs')).to.deep.equal({ ...TARGET, run: 'jobs', filter: {}, most: 100, json: false });
    expect(parse('jobs --worker w --state failed,stopped --state running --limit 7')).to.deep.include({
      filter: { worker_id: 'w', state: ['failed', 'stopped', 'running'] },
      most: 7,
    });
    expect(parse('jobs j --json')).to.deep.equal({ ...TARGET, run: 'job', jobId: 'j', json: true });
    expect(parse('logs j --tail 0 --since 90')).to.deep.include({
      run: 'logs',
      options: { follow: undefined, tail: 0, since: 90 },
    });
    expect(parse('logs -f --since 2030-01-01T00:00:00Z j')).to.deep.include({
      options: { follow: true, tail: undefined, since: new Date('2030-01-01T00:00:00Z') },
    });
    expect(parse('workers')).to.deep.equal({ ...TARGET, run: 'workers', json: false });
  });

  it('says where Portico is; else the environment does', () => {
    const env = { PORTICO_SERVER: 'https://portico.example', PORTICO_TOKEN_FILE: '/token' };
    expect(parse('workers', env)).to.include({ server: 'https://portico.example', tokenFile: '/token' });
    expect(parse('workers --server http://x --token-file t', env)).to.include({
      server: 'http://x',
      tokenFile: 't',
    });
    expect(parse('workers', { PORTICO_SERVER: '' })).to.include({ server: SERVER });
    expect(() => parse('workers', { PORTICO_SERVER: 'x' })).to.throw(
      UsageError,
      /^expected PORTICO_SERVER to be/,
    );
  });

  const WRONG: [line: string, problem: string][] = [
    ['start gpu', 'expected COMMAND, got nothing; expected PATH, got nothing'],
    ['start --nope gpu true x', 'expected an option that --help lists, got --nope'],
    ['start --wiat gpu true x', 'got --wiat: did you mean --wait? (portico start --help says more)'],
    ['start --env A gpu true x', 'expected --env to be NAME=VALUE, got "A"'],
    ['start --timeout 0 gpu true x', 'expected --timeout to be an integer from 1 to 2147483647, got "0"'],
    ['start --key', 'expected KEY after --key, got nothing'],
    ['start --json --follow gpu true x', 'expected --json or --follow, got both'],
    ['stop', 'expected JOB_ID, got nothing'],
    ['stop a b', 'expected nothing more, got "b"'],
    [
      'jobs --state dead',
      'expected --state to be one of pending, running, stopping, succeeded, failed, stopped',
    ],
    ['jobs ', 'expected JOB_ID, got nothing'],
    ['jobs j --worker w', 'expected a JOB_ID or --worker, got both'],
    ['jobs --limit x', 'expected --limit to be an integer from 1 to 1000000, got "x"'],
    [
      'logs j --since yesterday',
      'expected --since to be seconds ago, or a time such as 2030-01-01T00:00:00Z',
    ],
    ['logs j --tail -5', 'expected --tail to be an integer'],
    ['workers x', 'expected nothing more, got "x"'],
    ['workers --server ftp://x', 'expected --server to be an http or https URL'],
    [
      'workers --server http://user:secret@x',
      'expected --server to be an http or https URL without credentials, such as http://127.0.0.1:3000, got "http://...@x"',
    ],
    ['workers --server http://user:secret@[x', 'got "http://...@[x"'],
  ];
  for (const [line, problem] of WRONG) {
    it(`refuses ${line}`, () => {
      expect(() => parse(line)).to.throw(UsageError, problem);
      const [name = ''] = line.split(' ');
      expect(() => parse(line)).to.throw(UsageError, `portico ${name} --help says more`);
    });
  }

  it('asks for help, which lists every option', () => {
    for (const name of ['start', 'stop', 'query', 'wait', 'jobs', 'logs', 'workers']) {
      if (!isCommandName(name)) throw new Error(`expected ${name} to be a command`);
      for (const help of ['--help', '-h'])
        expect(parse(`${name} ${help} --nope`)).to.deep.equal({ help: name });
      expect(commandHelp(name)).to.match(new RegExp(`^Usage: portico ${name} \\[options\\]`));
      expect(commandHelp(name))
        .to.include('--server URL')
        .and.include('--token-file FILE')
        .and.include('Exits with');
    }
    expect(commandHelp('wait')).to.include('128 + N');
    expect(commandHelp('jobs')).to.not.include('128 + N');
    expect(parse(['start', 'gpu', 'ls', 'x', '--help'])).to.include({ run: 'start' });
  });
});
