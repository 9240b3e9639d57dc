// What the kubelet and the runtime tell each other, each over its end of the channel between their processes. Types only.
import type { Position } from '../logs/writer.ts';

export interface Command {
  /** Of the pod. */
  uid: string;
  /** The first is looked up in the PATH of `variables`. */
  argv: readonly string[];
  /** All of them: nothing is inherited. */
  variables: Readonly<Record<string, string>>;
  cwd: string;
}

/** What a node finds the processes of its pods by, beside their group and, on Linux, the mark in their environment. */
export type Tracking =
  /** Each pod has a cgroup of its own in `folder`. */
  | { by: 'cgroup'; folder: string }
  /** A tag in their limits. */
  | { by: 'limit' }
  /** Nothing else; `group`: where an environment cannot be read. */
  | { by: 'environment' | 'group' };

export interface Ending {
  pid: number;
  /** 128 + the signal's number when a signal ended it. */
  exitCode: number;
  signal?: number;
  /** It was still running when the kubelet had it signalled: it did not end by itself. */
  interrupted: boolean;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
}

/** From the kubelet. Of a pod that has ended, whose end is being told, nothing is asked any more: that does nothing. */
export type Request =
  | { ask: 'start'; command: Command; tracking: Tracking }
  /** SIGTERM to its group. */
  | { ask: 'terminate'; uid: string }
  /** SIGKILL to all that is left of it. */
  | { ask: 'kill'; uid: string }
  /** To be told once that its log has grown beyond what a reader has seen of it. */
  | { ask: 'growth'; uid: string; seen: Position };

/** From the runtime. A start is answered by `started`, and later `ended`; or by one of `refused`, `postponed` and `failed`. */
export type Report =
  | { tell: 'started'; uid: string; pid: number; startedAt: number }
  /** Nothing of the pod runs any more, and its log is complete. */
  | { tell: 'ended'; uid: string; ending: Ending }
  /** The command cannot be executed: what StartError is made of. */
  | { tell: 'refused'; uid: string; why: string }
  /** Something that a process needs is not to be had now: nothing of it has run, and it may be asked for again. */
  | { tell: 'postponed'; uid: string; why: string }
  /** It could be executed, but not here and now: no file descriptor, process or memory is left, say. */
  | { tell: 'failed'; uid: string; why: string }
  | { tell: 'grew'; uid: string }
  /** Its log could not be written; told once. */
  | { tell: 'unwritten'; uid: string; why: string };
