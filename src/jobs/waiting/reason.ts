// Why a pending job waits, in one sentence. What Kubernetes says is told in the words of pools and jobs where its form is known, and
// as it is where not. No IO.
import type { Job, KubeEvent, Pod } from '../../kube/wire.ts';
import type { WorkerNode } from '../worker-node.ts';
import { containerSentence } from './containers.ts';
import { latestMessage } from './events.ts';
import { refusalSentence } from './refusal.ts';
import { schedulingSentence } from './scheduling.ts';

/** What was read of a pending job. */
export interface Pending {
  workerId: string;
  job: Job;
  /** Its only one, if it is created. */
  pod: Pod | undefined;
  /** About the pod if there is one, else about the Job. */
  events: readonly KubeEvent[];
  /** Of its pool, when the pod has none yet; undefined when they are not known. */
  nodes: readonly WorkerNode[] | undefined;
}

const CHARACTERS = 500;

/** undefined when nothing keeps it: it is about to be said that it runs, or has ended. */
export function waitingReason(pending: Pending): string | undefined {
  const sentence = sentenceOn(pending)?.replace(/\s+/g, ' ').trim();
  if (sentence === undefined || sentence.length <= CHARACTERS) return sentence;
  return `${sentence.slice(0, CHARACTERS)}...`;
}

function sentenceOn({ workerId, job, pod, events, nodes }: Pending): string | undefined {
  if (job.spec?.suspend) return 'its Job is suspended';
  if (!pod) {
    const refusal = latestMessage(events, 'FailedCreate');
    return refusal === undefined ? 'its pod is not created yet' : refusalSentence(refusal);
  }
  switch (pod.status?.phase) {
    case 'Succeeded':
    case 'Failed':
      return undefined;
    case 'Running':
      // Its Job counts the ready ones.
      return 'it runs, but its pod is not ready';
    default:
      return pod.spec?.nodeName === undefined
        ? schedulingSentence({ workerId, pod, events, nodes })
        : containerSentence(pod, events);
  }
}
