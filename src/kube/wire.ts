// Kubernetes objects as they are on the wire: JSON, times as RFC 3339 strings. Types only.
import type {
  CoreV1Event,
  V1ConfigMap,
  V1Job,
  V1JobCondition,
  V1Lease,
  V1Node,
  V1ObjectMeta,
  V1Pod,
  V1SubjectAccessReview,
  V1TokenReview,
} from '@kubernetes/client-node';

/** The client's generated model as the API server sends it: every Date is still a string. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

export type ObjectMeta = Wire<V1ObjectMeta>;
export type Job = Wire<V1Job>;
export type JobCondition = Wire<V1JobCondition>;
export type Pod = Wire<V1Pod>;
export type Node = Wire<V1Node>;
/** The core group's. */
export type KubeEvent = Wire<CoreV1Event>;
export type ConfigMap = Wire<V1ConfigMap>;
export type Lease = Wire<V1Lease>;
export type TokenReview = Wire<V1TokenReview>;
export type SubjectAccessReview = Wire<V1SubjectAccessReview>;

/** What every object has, whatever its kind. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}
