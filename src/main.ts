#!/usr/bin/env node
// The command: the only reader of process.env, of the command line and of signals.
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Logger } from 'pino';
import type { Command } from './cli/command.ts';
import { commandHelp } from './cli/syntax.ts';
import { OutputError, outputOf } from './cli/terminal.ts';
import { UsageError } from './cli/usage-error.ts';
import { type Config, ConfigError } from './settings/config.ts';
import { parseInvocation } from './cli/invocation.ts';
import { greeting } from './cli/greeting.ts';
import { helpText } from './cli/help.ts';
import { sleep, systemClock } from './base/clock.ts';
import { newLogger } from './wiring/logger.ts';
import type { Portico, Surroundings } from './wiring/portico.ts';
import { Proxies, ProxyError } from './net/proxy.ts';
import { StartError } from './wiring/start-error.ts';

const stdout = outputOf(process.stdout);
const stderr = outputOf(process.stderr);

/** The exit status. */
async function main(): Promise<number> {
  const invocation = parseInvocation(process.argv.slice(2), process.env);
  switch (invocation.run) {
    case 'help':
      await stdout.write(invocation.of ? commandHelp(invocation.of) : helpText());
      return 0;
    case 'version':
      await stdout.write(`${await version()}\n`);
      return 0;
    case 'call':
      return runCall(invocation.command);
    case 'release':
      return logging(invocation.config, runRelease);
    case 'serve':
      return logging(invocation.config, runServer);
  }
}

/** What `run` does, with a logger whose last lines are written before this resolves. */
async function logging(
  config: Config,
  run: (config: Config, log: Logger) => Promise<number>,
): Promise<number> {
  const { log, close } = newLogger(config, process.stdout.isTTY);
  try {
    return await run(config, log);
  } finally {
    await close();
  }
}

async function runServer(config: Config, log: Logger): Promise<number> {
  const stop = stopSignal();
  // Only now: what it takes to serve is a second of loading that --help need not wait for.
  const { startPortico } = await import('./wiring/portico.ts');
  const starting = startPortico(config, await surroundings(log));
  const portico = await Promise.race([starting, stop]);
  if (typeof portico === 'string') return endStart(starting, portico, config.shutdownSeconds * 1000);
  const { url, server, embedded } = portico;
  log.info({ url, server }, 'listening');
  void portico.ready.then(() => {
    log.info({ url, server, kubeconfig: embedded?.kubeconfig }, 'serving');
    if (!embedded) return;
    const { kubeconfig, workerId } = embedded;
    // That nobody reads it is no reason to end.
    stderr.write(greeting(url, kubeconfig, workerId, config.tlsCertFile)).catch(() => undefined);
  });
  await stop;
  log.info('stopping');
  await portico.stop();
  log.info('stopped');
  return 0;
}

/** Told to end before all was there: what was begun is taken down, or left as it is when that takes too long. */
async function endStart(starting: Promise<Portico>, signal: NodeJS.Signals, ms: number): Promise<number> {
  const ended = starting
    .then((portico) => portico.stop())
    .then(
      () => true,
      () => true,
    );
  const isInTime = await Promise.race([ended, sleep(systemClock, ms).then(() => false)]);
  // Even process.exit() waits for a read that never ends, that of a named pipe to which nobody writes.
  if (!isInTime) process.kill(process.pid, signal);
  return 0;
}

async function runRelease(config: Config, log: Logger): Promise<number> {
  const { releaseJobs } = await import('./wiring/release.ts');
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort());
  const { released, failed, namespace } = await releaseJobs(config, await surroundings(log), stop.signal);
  await stdout.write(`released ${String(released)} jobs in namespace ${namespace}\n`);
  if (failed > 0) throw new StartError(`${String(failed)} jobs keep their finalizer: run it again`);
  return 0;
}

async function runCall(command: Command): Promise<number> {
  const { runCommand } = await import('./cli/run.ts');
  const interruption = new AbortController();
  let signal: NodeJS.Signals | undefined;
  void stopSignal().then((name) => {
    signal = name;
    interruption.abort();
  });
  try {
    return await runCommand(command, {
      stdout,
      stderr,
      fetch: await fetchFor(command.server),
      interrupted: interruption.signal,
      dateMs: () => systemClock.dateMs(),
      elapsedMs: () => systemClock.elapsedMs(),
      readFile: (path) => readFile(path, 'utf8'),
    });
  } catch (error) {
    if (signal === undefined) throw error;
    return statusAfter(signal);
  }
}

/** Node's own, unless a proxy is in between: what knows of those takes a while to load. */
async function fetchFor(server: string): Promise<typeof fetch> {
  const proxy = new Proxies(process.env).for(server);
  return proxy ? (await import('./net/proxied-fetch.ts')).proxiedFetch(proxy) : fetch;
}

async function surroundings(log: Surroundings['log']): Promise<Surroundings> {
  const { env } = process;
  return {
    version: await version(),
    cwd: process.cwd(),
    pod: env,
    proxies: new Proxies(env),
    log,
  };
}

/** Resolves at the first SIGTERM or SIGINT, with its name. A second one ends the process as it would any other. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const stop = (name: NodeJS.Signals) => {
      for (const name of signals) process.removeListener(name, stop);
      resolve(name);
    };
    for (const name of signals) process.once(name, stop);
  });
}

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Shells take 128 + N for the death by signal N; of a pipe whose other end is closed, SIGPIPE. */
const statusAfter = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** The exit status. Whoever started it reads what they can mend, in lines of its own; anything else is a defect and shows its stack. */
async function failed(error: unknown): Promise<number> {
  if (error instanceof OutputError && error.isUnread) return statusAfter('SIGPIPE');
  const { message, stack } = error as Error;
  const isTheirs = THEIRS.some((kind) => error instanceof kind);
  const text = isTheirs ? message.replaceAll(/^/gm, 'portico: ') : (stack ?? message);
  // Where that cannot be written either, the status has to do.
  await stderr.write(`${text}\n`).catch(() => undefined);
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}

const THEIRS = [ConfigError, OutputError, ProxyError, StartError, UsageError];

// No timer of ours keeps a process alive, nor does a wait for one: an open port does, for as long as main runs.
const alive = new MessageChannel();
alive.port1.ref();
try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = await failed(error);
} finally {
  alive.port1.close();
}
