// Why a pod that has its node does not run: from what the kubelet says of its containers. No IO.
import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { KubeEvent, Pod, Wire } from '../../kube/wire.ts';
import { listOf, optionalText } from '../lenient.ts';
import { latest, latestMessage } from './events.ts';
import { imageSentence, isAboutImage } from './image.ts';

type ContainerStatus = Wire<V1ContainerStatus>;

/** It is being made, or waits for the init containers: nothing is wrong yet. */
const IN_PREPARATION = ['ContainerCreating', 'PodInitializing'];
/** What may go wrong before there is a container to blame. */
const FAILED_PREPARATIONS = [
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedCreatePodSandBox',
  'NetworkNotReady',
];

/** `events`: about the pod. */
export function containerSentence(pod: Pod, events: readonly KubeEvent[]): string {
  const init = listOf(pod.status?.initContainerStatuses);
  const statuses = [...init, ...listOf(pod.status?.containerStatuses)].filter((status) => status != null);
  const stuck = statuses.find(
    ({ state }) => state?.waiting && !IN_PREPARATION.includes(state.waiting.reason ?? ''),
  );
  if (stuck) return stuckSentence(stuck, pod, events);
  const running = init.find((status) => status?.state?.running);
  if (running) return `its init container ${running.name} is running`;
  const failure = latestMessage(events, ...FAILED_PREPARATIONS);
  if (failure !== undefined) return preparationSentence(failure);
  const image = latest(events, 'Pulling', 'Pulled', 'Failed');
  if (image?.reason === 'Pulling') return `${pulled(image.message ?? '')} is being pulled`;
  const node = `node ${pod.spec?.nodeName ?? ''}`;
  return statuses.length > 0 ? `${node} is making its container` : `${node} has not taken it up yet`;
}

function stuckSentence(status: ContainerStatus, pod: Pod, events: readonly KubeEvent[]): string {
  const { reason = '', message } = status.state?.waiting ?? {};
  if (isAboutImage(reason)) {
    const containers = [...listOf(pod.spec?.initContainers), ...listOf(pod.spec?.containers)];
    const image = containers.find((container) => container?.name === status.name)?.image ?? status.image;
    // While it backs off, older kubelets tell in the event alone why.
    const failure = events.filter((event) => event.message?.startsWith('Failed to pull image'));
    return imageSentence(image, reason, [message, latestMessage(failure, 'Failed')]);
  }
  return optionalText(message) ?? `its container ${status.name} waits: ${reason}`;
}

/** 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found' */
function preparationSentence(message: string): string {
  const [, volume, why] = /^MountVolume\.\w+ failed for volume "([^"]*)" : (.+)$/s.exec(message) ?? [];
  return volume === undefined ? message : `volume ${volume} cannot be mounted: ${why ?? ''}`;
}

/** 'Pulling image "x"' */
const pulled = (message: string): string => `image ${/"([^"]*)"/.exec(message)?.[1] ?? ''}`.trim();
