// PartialObjectMetadata: an object's metadata alone, as a client asks for with its Accept header. No IO.
import type { KubeObject, ObjectMeta } from '../../kube/wire.ts';

export interface ListMeta {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ObjectMeta;
}

export interface PartialObjectMetadataList {
  kind: 'PartialObjectMetadataList';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ListMeta;
  items: PartialObjectMetadata[];
}

export const partialMetadataOf = (object: KubeObject): PartialObjectMetadata => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata ?? {},
});

export const partialMetadataListOf = (
  objects: readonly KubeObject[],
  metadata: ListMeta,
): PartialObjectMetadataList => ({
  kind: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  items: objects.map(partialMetadataOf),
});
