// What the pod of a finished Job says about its end, beyond what the Job knows. Wrong types read as absent.
import type { Wire, Pod } from '../../kube/wire.ts';
import type { V1ContainerStatus } from '@kubernetes/client-node';
import { COULD_NOT_START } from './error-texts.ts';
import { CONTAINER } from '../labels.ts';
import { listOf, optionalInteger, optionalText } from '../lenient.ts';
import { head } from '../utf8.ts';

/** How a container ended, as its status tells it. */
export interface Termination {
  exitCode?: number;
  /** Error, OOMKilled, StartError, Completed ... */
  reason?: string;
  /** The termination message. */
  message?: string;
  /** RFC 3339; the zero of a clock when it never ran (NEVER_RAN). */
  startedAt?: string;
}

/** Names of executables come from callers and may be long; nobody reads more of it. */
const ERROR_TEXT_BYTES = 2048;

/**
 * How the command's own container ended. Where that never came to run, it is the first that failed (an init container):
 * one that ended well says nothing about the end of the pod.
 */
export function terminationOf(pod: Pod | undefined): Termination | undefined {
  const containers = listOf(pod?.status?.containerStatuses);
  const own = terminatedState(containers.find((container) => container?.name === CONTAINER));
  if (own) return own;
  return [...listOf(pod?.status?.initContainerStatuses), ...containers]
    .map(terminatedState)
    .find((termination) => termination !== undefined && termination.exitCode !== 0);
}

function terminatedState(container: Wire<V1ContainerStatus> | null | undefined): Termination | undefined {
  const terminated = container?.state?.terminated;
  if (typeof terminated !== 'object' || terminated === null) return undefined;
  return {
    exitCode: optionalInteger(terminated.exitCode),
    reason: optionalText(terminated.reason),
    message: optionalText(terminated.message),
    startedAt: optionalText(terminated.startedAt),
  };
}

/** Why the pod was ended from outside: EvictionByEvictionAPI, PreemptionByScheduler, DeletionByTaintManager ... */
export function disruptionReason(pod: Pod | undefined, condition = 'DisruptionTarget'): string | undefined {
  const disruption = listOf(pod?.status?.conditions).find(
    (candidate) => candidate?.type === condition && candidate.status === 'True',
  );
  return optionalText(disruption?.reason);
}

/** Why the node did not take the pod, or gave it up: OutOfcpu, NodeAffinity, Evicted, NodeShutdown ... */
export const podReason = (pod: Pod | undefined): string | undefined => optionalText(pod?.status?.reason);

/** Reasons of containers that never ran: containerd's, cri-dockerd's, and those that the kubelet itself gives. */
const NEVER_RAN: readonly string[] = [
  'StartError',
  'ContainerCannotRun',
  'CreateContainerError',
  'CreateContainerConfigError',
  'PreCreateHookError',
  'PreStartHookError',
  'RunContainerError',
];
/** Unix' zero, and Go's. No time at all proves nothing: the kubelet gives none to a container that it has lost, either. */
const NO_START = /^(1970-01-01T00:00:00|0001-01-01T00:00:00)/;

const neverRan = ({ reason = '', startedAt = '' }: Termination): boolean =>
  NEVER_RAN.includes(reason) || NO_START.test(startedAt);

/**
 * Why the container never ran: `exec: "NAME": executable file not found in $PATH` where the runtime says so, out of the chain of
 * errors around it, else `could not be started: CAUSE`. undefined when it did run.
 */
export function startErrorText(termination: Termination | undefined): string | undefined {
  if (!termination || !neverRan(termination)) return undefined;
  const message = (termination.message ?? '').trim().replace(/: unknown$/, '');
  // The runtime quotes the name, so the last `exec: "` whose quote is not escaped begins the part that counts.
  const from = message.lastIndexOf('exec: "');
  const text = from < 0 ? couldNotStart(message, termination.reason) : message.slice(from);
  return head(text, ERROR_TEXT_BYTES);
}

/** What runtimes say around the cause: each step that it went through. */
const RUNTIME_STEPS =
  /^.*\b(?:(?:OCI runtime|runc|crun|runsc) \w+ failed|start(?:ing)? container process(?: caused)?): /s;

const couldNotStart = (message: string, reason = 'no reason is given'): string =>
  `${COULD_NOT_START}${message.replace(RUNTIME_STEPS, '') || reason}`;

/** Whether a process of it may be left. Without a phase it was written by hand, and nothing runs. */
export const mayRun = (pod: Pod): boolean => {
  const phase = optionalText(pod.status?.phase);
  return phase !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
};
