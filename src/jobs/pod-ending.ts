// What the pod of a finished Job says about its end, beyond what the Job knows. Wrong types read as absent.
import type { Wire, Pod } from '../kube/wire.ts';
import type { V1ContainerStatus } from '@kubernetes/client-node';
import { CONTAINER } from './labels.ts';
import { listOf, optionalInteger, optionalText } from './lenient.ts';
import { head } from './utf8.ts';

/** How a container ended, as its status tells it. */
export interface Termination {
  exitCode?: number;
  /** Error, OOMKilled, StartError, Completed ... */
  reason?: string;
  /** The termination message. */
  message?: string;
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

/**
 * Why an executable could not be started: `exec: "NAME": executable file not found in $PATH`, out of the chain of errors that
 * the container runtime puts around it. undefined when the container did start.
 */
export function startErrorText(termination: Termination | undefined): string | undefined {
  if (termination?.reason !== 'StartError') return undefined;
  const message = (termination.message ?? '').trim().replace(/: unknown$/, '');
  // The runtime quotes the name, so the last `exec: "` whose quote is not escaped begins the part that counts.
  const from = message.lastIndexOf('exec: "');
  if (from >= 0) return head(message.slice(from), ERROR_TEXT_BYTES);
  const cause = /.*unable to start container process: (.+)$/s.exec(message)?.[1];
  return cause === undefined ? undefined : head(cause, ERROR_TEXT_BYTES);
}

/** Whether a process of it may be left. Without a phase it was written by hand, and nothing runs. */
export const mayRun = (pod: Pod): boolean => {
  const phase = optionalText(pod.status?.phase);
  return phase !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
};
