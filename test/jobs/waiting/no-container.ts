// Jobs whose pod has its node and does not run, as a kubelet of 1.34 with containerd showed them. What such a node cannot show (older
// kubelets, registries) is in the words that these programs are known to use.
import type { Pod } from '../../../src/kube/wire.ts';
import type { WaitingSituation } from './situation.ts';

const IMAGE = 'localhost/no-such-image:1';
type States = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state'];

/** A pod on its node, by the states of its container and of its init container. */
const placed = (state: States | undefined, init?: States): Pod => ({
  spec: {
    nodeName: 'gpu-1',
    initContainers: init ? [{ name: 'init', image: 'localhost/init:1' }] : [],
    containers: [{ name: 'job', image: IMAGE }],
  },
  status: {
    phase: 'Pending',
    initContainerStatuses: init ? [statusOf('init', init)] : [],
    containerStatuses: state ? [statusOf('job', state)] : [],
  },
});
const statusOf = (name: string, state: States) => ({
  name,
  state,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
});
const waits = (reason: string, message?: string): States => ({
  waiting: { reason, ...(message && { message }) },
});

const RESOLVING = `failed to pull and unpack image "${IMAGE}": failed to resolve reference "${IMAGE}": `;

export const noContainer: readonly WaitingSituation[] = [
  {
    situation: 'a node that has not taken it up',
    pod: placed(undefined),
    sentence: 'node gpu-1 has not taken it up yet',
  },
  {
    situation: 'an image that is being pulled, for its init container',
    pod: placed(waits('PodInitializing'), waits('PodInitializing')),
    events: [['Pulling', 'Pulling image "localhost/init:1"']],
    sentence: 'image localhost/init:1 is being pulled',
  },
  {
    situation: 'a container that is being made',
    pod: placed(waits('ContainerCreating')),
    events: [
      ['Pulling', `Pulling image "${IMAGE}"`],
      ['Pulled', `Successfully pulled image "${IMAGE}"`],
    ],
    sentence: 'node gpu-1 is making its container',
  },
  {
    situation: 'an init container that runs',
    pod: placed(waits('PodInitializing'), { running: { startedAt: '2030-01-01T00:00:00Z' } }),
    sentence: 'its init container init is running',
  },
  {
    situation: 'a registry that is not there',
    pod: placed(
      waits(
        'ErrImagePull',
        `${RESOLVING}failed to do request: Head "http://localhost/v2/no-such-image/manifests/1": dial tcp 127.0.0.1:80: connect: connection refused`,
      ),
    ),
    sentence: `image ${IMAGE} cannot be pulled: failed to do request: Head "http://localhost/v2/no-such-image/manifests/1": dial tcp 127.0.0.1:80: connect: connection refused`,
  },
  {
    situation: 'an image that does not exist, between two tries (containerd)',
    pod: placed(
      waits(
        'ImagePullBackOff',
        `Back-off pulling image "${IMAGE}": ErrImagePull: ${RESOLVING}${IMAGE}: not found`,
      ),
    ),
    sentence: `image ${IMAGE} not found`,
  },
  {
    situation: 'an image that does not exist, where the event alone tells why (kubelets up to 1.31)',
    pod: placed(waits('ImagePullBackOff', `Back-off pulling image "${IMAGE}"`)),
    events: [
      [
        'Failed',
        `Failed to pull image "${IMAGE}": rpc error: code = NotFound desc = ${RESOLVING}${IMAGE}: not found`,
      ],
      ['Failed', 'Error: ErrImagePull'],
      ['BackOff', `Back-off pulling image "${IMAGE}"`],
      ['Failed', 'Error: ImagePullBackOff'],
    ],
    sentence: `image ${IMAGE} not found`,
  },
  {
    situation: 'an image of which nothing more is known',
    pod: placed(waits('ImagePullBackOff', `Back-off pulling image "${IMAGE}"`)),
    sentence: `image ${IMAGE} cannot be pulled: ImagePullBackOff`,
  },
  {
    situation: 'an image that needs credentials (Docker Hub)',
    pod: placed(
      waits(
        'ErrImagePull',
        `${RESOLVING}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
      ),
    ),
    sentence: `image ${IMAGE} cannot be pulled: access denied`,
  },
  {
    situation: 'an image that is not to be pulled',
    pod: placed(
      waits('ErrImageNeverPull', `Container image "${IMAGE}" is not present with pull policy of Never`),
    ),
    sentence: `image ${IMAGE} is not on its node, and is not to be pulled`,
  },
  {
    situation: 'an image name that is none',
    pod: placed(
      waits(
        'InvalidImageName',
        'Failed to apply default image tag "Foo:::": couldn\'t parse image name "Foo:::": invalid reference format: repository name (library/Foo) must be lowercase',
      ),
    ),
    sentence: `image name ${IMAGE} is not valid`,
  },
  {
    situation: 'a Secret that is not there',
    pod: placed(waits('CreateContainerConfigError', 'secret "settings" not found')),
    sentence: 'secret "settings" not found',
  },
  {
    situation: 'a user that PodSecurity lets through and the kubelet does not',
    pod: placed(
      waits(
        'CreateContainerConfigError',
        'container\'s runAsUser breaks non-root policy (pod: "x_default(ced15d60)", container: job)',
      ),
    ),
    sentence: 'container\'s runAsUser breaks non-root policy (pod: "x_default(ced15d60)", container: job)',
  },
  {
    situation: 'a ConfigMap of a volume that is not there',
    pod: placed(waits('ContainerCreating')),
    events: [
      ['MissingClusterDNS', 'kubelet does not have ClusterDNS IP configured'],
      ['FailedMount', 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found'],
    ],
    sentence: 'volume v cannot be mounted: configmap "nope" not found',
  },
  {
    situation: 'a network that is not there',
    pod: placed(waits('ContainerCreating')),
    events: [['NetworkNotReady', 'network is not ready: cni config uninitialized']],
    sentence: 'network is not ready: cni config uninitialized',
  },
  {
    situation: 'a reason without words',
    pod: placed(waits('SomethingNew')),
    sentence: 'its container job waits: SomethingNew',
  },
  {
    situation: 'a readiness probe that fails',
    pod: { status: { phase: 'Running' } },
    sentence: 'it runs, but its pod is not ready',
  },
  { situation: 'a pod that has ended', pod: { status: { phase: 'Succeeded' } }, sentence: undefined },
];
