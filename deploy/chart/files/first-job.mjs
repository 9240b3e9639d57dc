// helm test, run by node --eval: starts a job, waits for its end, and fails unless it has succeeded.
// Arguments: http or https, address and port of Portico's Service, a worker id, a program of the image that jobs run in.
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';

const [, scheme, address, port, worker_id, command] = process.argv;
const url = `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
const TOKEN = '/var/run/secrets/portico/token';
const TRIES = 30;

const token = () => {
  try {
    return { authorization: `Bearer ${readFileSync(TOKEN, 'utf8').trim()}` };
  } catch {
    return {};
  }
};

async function call(path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...token(), ...headers },
    body: JSON.stringify({ worker_id, ...body }),
  });
  const text = await answer.text();
  console.log(`${path} ${answer.status} ${text}`);
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text);
}

try {
  const { job_id } = await call('/start', { command, path: 'helm-test' });
  let ending = { done: false };
  for (let tries = 0; !ending.done && tries < TRIES; tries++) {
    ending = await call('/query', { job_id }, { prefer: 'wait=10' });
  }
  if (!ending.done || ending.error) throw new Error(`the job ${job_id} has not succeeded`);
} catch (error) {
  console.log(error.message, error.cause ?? '');
  if (/worker not found/.test(error.message)) {
    console.log(
      `No node carries the worker's label. kubectl label node NODE LABEL=${worker_id} makes it a worker,`,
    );
    console.log('--set test.workerId=ID names another one.');
  }
  process.exitCode = 1;
}
