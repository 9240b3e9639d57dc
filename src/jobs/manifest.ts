// Builds the Job of a request: what is Portico's own, laid over the operator's template. No IO.
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Toleration } from '../kube/taints.ts';
import type { Job, Wire } from '../kube/wire.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  CALLBACK_ANNOTATION,
  COMMAND_ANNOTATION,
  FINALIZER,
  FINGERPRINT_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  PATH_ANNOTATION,
  STARTED_BY_ANNOTATION,
  WORKER_LABEL,
} from './labels.ts';
import { OWN_CONTAINER, OWN_JOB_SPEC, OWN_POD_SPEC } from './own-fields.ts';
import type { JobRequest } from './request.ts';
import { templateAnnotations } from './started-as.ts';
import type { JobTemplate } from './template/job-template.ts';

type PodSpec = Wire<V1PodSpec>;
type Container = Wire<V1Container>;

export interface ManifestSettings {
  /** Where Jobs run. */
  namespace: string;
  /** The node label whose value is the worker's id. */
  workerLabel: string;
  /** How long a finished Job, and with it its outcome, is kept. */
  retentionSeconds: number;
  /** Between SIGTERM and SIGKILL. */
  graceSeconds: number;
  template: JobTemplate;
}

/**
 * What the command and the path of a request may have together, in bytes of UTF-8. Both are kept as annotations; Kubernetes allows
 * 256 KiB of these on an object, and a template's own and the outcome need room, too. Linux takes no argument that is longer.
 */
export const COMMAND_AND_PATH_BYTES = 128 * 1024;

/** The Job that runs `request` under the name `jobId`. The worker's id is a label's value, the env's names are legal. */
export function jobManifest(request: JobRequest, jobId: string, settings: ManifestSettings): Job {
  const { template, namespace, retentionSeconds } = settings;
  const labels = { [MANAGED_BY_LABEL]: MANAGED_BY, [WORKER_LABEL]: request.workerId };
  const annotations = { ...template.job.annotations, ...annotationsOf(request) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobId,
      namespace,
      labels: { ...template.job.labels, ...labels },
      annotations,
      finalizers: [FINALIZER],
    },
    spec: {
      ...OWN_JOB_SPEC,
      ttlSecondsAfterFinished: retentionSeconds,
      ...(request.timeoutSeconds === undefined ? {} : { activeDeadlineSeconds: request.timeoutSeconds }),
      template: {
        metadata: {
          labels: { ...template.pod.labels, ...labels },
          annotations: { ...template.pod.annotations, ...templateAnnotations(annotations, retentionSeconds) },
        },
        spec: podSpec(request, settings),
      },
    },
  };
}

const annotationsOf = (request: JobRequest): Record<string, string> => ({
  [COMMAND_ANNOTATION]: request.command,
  [PATH_ANNOTATION]: request.path,
  [FINGERPRINT_ANNOTATION]: fingerprintOf(request),
  ...(request.startedBy === undefined ? {} : { [STARTED_BY_ANNOTATION]: request.startedBy }),
  ...(request.callbackUrl === undefined ? {} : { [CALLBACK_ANNOTATION]: request.callbackUrl }),
});

function podSpec(request: JobRequest, { template, workerLabel, graceSeconds }: ManifestSettings): PodSpec {
  const { spec } = template.pod;
  return {
    ...spec,
    ...OWN_POD_SPEC,
    terminationGracePeriodSeconds: graceSeconds,
    nodeSelector: { ...spec.nodeSelector, [workerLabel]: request.workerId },
    tolerations: tolerationsOf(request.workerId, { template, workerLabel }),
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...spec.securityContext,
    },
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(restricted) } : {}),
    containers: [commandContainer(request, template.container)],
  };
}

/** Which taints of a node keep no job of this worker away. */
export const tolerationsOf = (
  workerId: string,
  { template, workerLabel }: Pick<ManifestSettings, 'template' | 'workerLabel'>,
): Toleration[] => [
  ...(template.pod.spec.tolerations ?? []),
  // Without an effect: all of them.
  { key: workerLabel, operator: 'Equal', value: workerId },
];

function commandContainer(request: JobRequest, container: JobTemplate['container']): Container {
  const kept = (container.env ?? []).filter(({ name }) => !Object.hasOwn(request.env, name));
  const added = Object.entries(request.env).map(([name, value]) => ({ name, value: literal(value) }));
  return restricted({
    ...container,
    ...OWN_CONTAINER,
    command: [request.command, request.path, ...request.args].map(literal),
    // First, so that a value of the template that refers to one of these finds it.
    env: [...added, ...kept],
  });
}

/** As PodSecurity "restricted" asks of every container; the rest of it is set for the pod. */
const restricted = (container: Container): Container => ({
  ...container,
  securityContext: {
    ...container.securityContext,
    allowPrivilegeEscalation: false,
    capabilities: { ...container.securityContext?.capabilities, drop: ['ALL'] },
  },
});

/** Kubernetes replaces $(NAME) in command, args and env, and reads $$ as one $. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');
