// The part of metadata that the server alone sets (k8s.io/apiserver's registry/rest/create.go and update.go). No IO
// beyond random names.
import { randomInt } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '../../../kube/wire.ts';
import type { ResourceType } from '../../kinds/kind.ts';
import type { Stored } from '../../objects.ts';
import { badRequest, Refusal } from '../../status.ts';

// No vowels and no digits that look like them: no words come of it.
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_NAME = 63;
/** As often as Kubernetes tries another name when a generated one is taken. */
const NAME_ATTEMPTS = 8;

function generatedName(prefix: string): string {
  const letters = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)],
  );
  return prefix.slice(0, MAX_GENERATED_NAME - SUFFIX_LENGTH) + letters.join('');
}

/** One that is not taken, unless that is too much asked. */
export function freeName(prefix: string, isTaken: (name: string) => boolean): string {
  let name = generatedName(prefix);
  for (let attempt = 1; attempt < NAME_ATTEMPTS && isTaken(name); attempt += 1) name = generatedName(prefix);
  return name;
}

/** `object` is a private copy. Throws Refusal for a body that contradicts its address. */
export function metadataForCreate(
  type: ResourceType,
  namespace: string | undefined,
  object: KubeObject,
): ObjectMeta {
  const metadata = (object.metadata ??= {});
  if (metadata.resourceVersion) {
    // Kubernetes sends it without a reason.
    throw new Refusal(500, '', 'resourceVersion should not be set on objects to be created');
  }
  if (type.namespaced) {
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request`,
      );
    }
    metadata.namespace = namespace;
  } else {
    delete metadata.namespace;
  }
  // Kinds that count their generations set it themselves; of others it is the client's.
  for (const key of SERVER_SET) if (key !== 'generation') delete metadata[key];
  return metadata;
}

const SERVER_SET = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;

/** Takes from `old` what no write can change. `object` is a private copy. */
export function keepIdentity(object: Stored, old: Stored): void {
  object.apiVersion = old.apiVersion;
  object.kind = old.kind;
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const key of ['name', 'namespace', ...SERVER_SET] as const) {
    const value = old.metadata[key];
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
  object.metadata = metadata as Stored['metadata'];
}
