// A node that is only an object, and a test in the place of its kubelet: it says what became of the pods that the scheduler sends.
import { type Api, type KubeObject, Refused } from './api.ts';
import { WORKER_LABEL } from './settings.ts';

/** How a container ended, as a kubelet puts it. */
export interface Ending {
  exitCode: number;
  reason?: string;
  message?: string;
}

const OWN_CONDITIONS = ['PodScheduled', 'Ready', 'ContainersReady'];
const PODS = '/api/v1/pods';
/** Well within the 40 seconds after which the controllers take a silent node for lost. */
const HEARTBEAT_MS = 10_000;

export class PlayedNode {
  readonly #api: Api;
  readonly #name: string;
  #heartbeat?: NodeJS.Timeout;

  private constructor(api: Api, name: string) {
    this.#api = api;
    this.#name = name;
  }

  /** A node that is ready, whose name is also the worker id on its label. */
  static async join(api: Api, name: string): Promise<PlayedNode> {
    const node = new PlayedNode(api, name);
    const labels = { [WORKER_LABEL]: name, 'kubernetes.io/hostname': name };
    await api.call('POST', '/api/v1/nodes', { metadata: { name, labels } });
    await node.#saysReady();
    node.#heartbeat = setInterval(() => void node.#saysReady(), HEARTBEAT_MS).unref();
    await api.until(`/api/v1/nodes?fieldSelector=metadata.name=${name}`, ({ spec }) =>
      spec?.['taints'] ? undefined : true,
    );
    return node;
  }

  /** The pod of a Job, as soon as it has been sent here. */
  pod(jobName: string): Promise<KubeObject> {
    const query = `fieldSelector=spec.nodeName=${this.#name}&labelSelector=job-name=${jobName}`;
    return this.#api.until(`${PODS}?${query}`, (pod, isDeleted) => (isDeleted ? undefined : pod));
  }

  async run(pod: KubeObject): Promise<void> {
    await this.#patch(pod, 'Running', { running: { startedAt: now() } });
  }

  async end(pod: KubeObject, ending: Ending): Promise<void> {
    const { exitCode } = ending;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const terminated = { reason, ...ending, startedAt: now(), finishedAt: now() };
    await this.#patch(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated });
  }

  /** Told to end: resolves when the pod is being deleted, or has been at once, since it had ended. */
  async untilToldToEnd({ metadata }: KubeObject): Promise<void> {
    await this.#api.until(`${PODS}?fieldSelector=metadata.name=${metadata.name}`, (pod, isDeleted) =>
      isDeleted || pod.metadata['deletionTimestamp'] ? true : undefined,
    );
  }

  /** What a kubelet does when nothing of a deleted pod is left. */
  async forget(pod: KubeObject): Promise<void> {
    try {
      await this.#api.call('DELETE', pathOf(pod), { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
    }
  }

  /** The node goes, as when its machine was taken away. */
  async leave(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#api.call('DELETE', `/api/v1/nodes/${this.#name}`);
  }

  async #saysReady(): Promise<void> {
    const at = now();
    const conditions = [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        lastHeartbeatTime: at,
        lastTransitionTime: at,
      },
    ];
    const capacity = { cpu: '8', memory: '8Gi', pods: '110' };
    await this.#api.call('PATCH', `/api/v1/nodes/${this.#name}/status`, {
      status: { conditions, capacity, allocatable: capacity },
    });
  }

  async #patch(pod: KubeObject, phase: string, state: object): Promise<void> {
    // What the controllers have said of it stays, as with a kubelet.
    const { status } = await this.#api.call('GET', pathOf(pod));
    const others = ((status?.['conditions'] ?? []) as { type: string }[]).filter(
      ({ type }) => !OWN_CONDITIONS.includes(type),
    );
    const [container] = (pod.spec?.['containers'] ?? []) as { name: string; image: string }[];
    const isRunning = phase === 'Running';
    const ready = isRunning ? 'True' : 'False';
    const own = OWN_CONDITIONS.map((type) => ({
      type,
      status: type === 'PodScheduled' ? 'True' : ready,
      lastTransitionTime: now(),
    }));
    await this.#api.call('PATCH', `${pathOf(pod)}/status`, {
      status: {
        phase,
        startTime: now(),
        conditions: [...others, ...own],
        containerStatuses: [{ ...pick(container), imageID: '', ready: isRunning, restartCount: 0, state }],
      },
    });
  }
}

const pick = (container?: { name: string; image: string }) => ({
  name: container?.name,
  image: container?.image,
});

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const pathOf = ({ metadata: { name, namespace } }: KubeObject): string =>
  `/api/v1/namespaces/${namespace ?? ''}/pods/${name}`;
