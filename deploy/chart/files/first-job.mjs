// helm test, run by node --eval: starts a job, waits for its end, and fails unless it has succeeded.
// Arguments: http or https, address and port of Portico's Service, a program of the image that jobs run in, and a worker id or "":
// any that has a node which takes pods.
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';

const [, scheme, address, port, command, wanted] = process.argv;
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

async function call(method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...token(), ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  console.log(`${method} ${path} ${answer.status} ${text}`);
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** What is not known is left out. */
const takesPods = ({ ready, schedulable }) => ready !== false && schedulable !== false;

async function anyWorker() {
  const { items } = await call('GET', '/workers');
  const found = items.find(({ nodes }) => nodes.some(takesPods));
  if (found) return found.worker_id;
  throw new Error('no worker has a node that takes pods: label one, or --set test.workerId=ID');
}

try {
  const worker_id = wanted || (await anyWorker());
  const { job_id } = await call('POST', '/start', { worker_id, command, path: 'helm-test' });
  let ending = { done: false };
  for (let tries = 0; !ending.done && tries < TRIES; tries++) {
    ending = await call('POST', '/query', { worker_id, job_id }, { prefer: 'wait=10' });
  }
  if (!ending.done || ending.error) throw new Error(`the job ${job_id} has not succeeded`);
} catch (error) {
  console.log(error.message, error.cause ?? '');
  process.exitCode = 1;
}
