// What the cluster itself has recorded of Jobs and pods, reduced from what a watch shows. Shares nothing with Portico's own reading. No IO.
import type { KubeObject } from '../../cluster/api.ts';

export interface WitnessedJob {
  uid: string;
  name: string;
  /** See Start. */
  mark: string;
  /** The terminal condition, when it was first seen. */
  end?: { type: string; reason: string; message: string; at: string };
  /** The deletionTimestamp. */
  deletedAt?: string;
  finalizers: readonly string[];
  gone: boolean;
}

export interface WitnessedPod {
  uid: string;
  name: string;
  /** Of its Job; undefined: it was cut from it. */
  owner?: string;
  phase: string;
  deleted: boolean;
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export class Witness {
  /** Also those that are gone, by uid. */
  readonly jobs = new Map<string, WitnessedJob>();
  /** Those that are there, by uid. */
  readonly pods = new Map<string, WitnessedPod>();

  seeJob(job: KubeObject, isDeleted: boolean): void {
    const uid = text(job.metadata['uid']);
    const before = this.jobs.get(uid);
    const seen = { ...witnessedJob(job), ...(before?.end && { end: before.end }), gone: isDeleted };
    this.jobs.set(uid, seen);
  }

  /** A list: what is not in it has gone, unseen. */
  seeJobs(jobs: readonly KubeObject[]): void {
    const listed = new Set(jobs.map(({ metadata }) => text(metadata['uid'])));
    for (const job of this.jobs.values()) if (!listed.has(job.uid)) job.gone = true;
    for (const job of jobs) this.seeJob(job, false);
  }

  seePod(pod: KubeObject, isDeleted: boolean): void {
    const seen = witnessedPod(pod);
    if (isDeleted) this.pods.delete(seen.uid);
    else this.pods.set(seen.uid, seen);
  }

  seePods(pods: readonly KubeObject[]): void {
    this.pods.clear();
    for (const pod of pods) this.seePod(pod, false);
  }
}

function witnessedJob({ metadata, spec, status }: KubeObject): Omit<WitnessedJob, 'gone'> {
  const conditions = (status?.['conditions'] ?? []) as Condition[];
  const end = conditions.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const deletedAt = metadata['deletionTimestamp'];
  return {
    uid: text(metadata['uid']),
    name: metadata.name,
    mark: markIn(spec),
    finalizers: (metadata['finalizers'] ?? []) as string[],
    ...(typeof deletedAt === 'string' && { deletedAt }),
    ...(end && {
      end: {
        type: end.type,
        reason: end.reason ?? '',
        message: end.message ?? '',
        at: end.lastTransitionTime ?? '',
      },
    }),
  };
}

function witnessedPod({ metadata, status }: KubeObject): WitnessedPod {
  const [owner] = (metadata['ownerReferences'] ?? []) as { uid: string }[];
  return {
    uid: text(metadata['uid']),
    name: metadata.name,
    ...(owner && { owner: owner.uid }),
    phase: text(status?.['phase']),
    deleted: metadata['deletionTimestamp'] !== undefined,
  };
}

/** The environment variable MARK of its container. */
function markIn(spec: KubeObject['spec']): string {
  const { template } = (spec ?? {}) as { template?: { spec?: { containers?: { env?: Variable[] }[] } } };
  const variables = template?.spec?.containers?.[0]?.env ?? [];
  return variables.find(({ name }) => name === 'MARK')?.value ?? '';
}

interface Variable {
  name: string;
  value?: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
