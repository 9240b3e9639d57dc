// Deletes one object, or all of a selection. DeleteOptions come in the body or, where there is none, in the query.
import { jsonType, PODS, SERVICE_ACCOUNTS, type Kind } from '../../kinds/index.ts';
import type { DeleteOptions, Propagation, Stored } from '../../objects.ts';
import { badRequest, invalid, Refusal, type StatusCause } from '../../status.ts';
import { isType, orphansByDefault } from '../storage/deletion.ts';
import { integer, json, type Api, type Call, type Reply } from './call.ts';
import type { RequestPath } from './place.ts';
import { selectionOf } from './selection.ts';
import { dryRunCauses, unsupported } from './write-options.ts';

export interface RestDeleteOptions extends DeleteOptions {
  dryRun: boolean;
  orphanDependents: boolean | undefined;
}

const ORPHANS_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
  'propagationPolicy=Orphan to suppress this warning';

/** What a delete answers: the object while it still exists, or else that it is gone. */
export interface Deleted {
  code: 200 | 202;
  object: Stored | undefined;
  status: object;
  warnings: string[];
}

/** Throws Refusal. */
export function deleteObject(
  api: Api,
  place: RequestPath & { name: string },
  { query, body }: Call,
): Deleted {
  const { kind, namespace, name } = place;
  const options = deleteOptionsOf(query, body);
  const { object, gone } = api.objects.delete(kind.type, namespace, name, options, options);
  return {
    // As it has been since before there were policies: only who asks in the old way is told that it takes its time.
    code: !gone && options.orphanDependents === false ? 202 : 200,
    object: gone && !returnsDeleted(kind) ? undefined : object,
    status: successOf(kind, object),
    warnings: orphansByDefault(kind.type) && options.propagation === undefined ? [ORPHANS_WARNING] : [],
  };
}

/** What was in the selection; what went meanwhile or may not go is left out. Throws Refusal. */
export function deleteCollection(
  api: Api,
  { kind, namespace }: RequestPath,
  { query, body }: Call,
): Stored[] {
  const options = deleteOptionsOf(query, body);
  const selection = selectionOf(kind, namespace, query);
  const selected = api.objects.list(kind.type, namespace).filter((object) => selection.matches(object));
  for (const { metadata } of selected) {
    try {
      api.objects.delete(kind.type, metadata.namespace, metadata.name, options, options);
    } catch (error) {
      // Deleting one can end another.
      if (!(error instanceof Refusal) || error.status.code !== 404) throw error;
    }
  }
  return selected;
}

/** Their dependents need to know what it was. */
const returnsDeleted = ({ type }: Kind): boolean => isType(type, PODS) || isType(type, SERVICE_ACCOUNTS);

const successOf = ({ type }: Kind, { metadata: { name, uid } }: Stored): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name, ...(type.group !== '' && { group: type.group }), kind: type.plural, uid },
});

export const success = (code: number): Reply =>
  json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }, code);

/** Throws Refusal (400, 422). */
export function deleteOptionsOf(query: URLSearchParams, body: unknown): RestDeleteOptions {
  const given = body === undefined || body === null ? fromQuery(query) : fromBody(body);
  const causes = causesOf(given);
  if (causes.length > 0) throw invalid('meta.k8s.io', 'DeleteOptions', '', causes);
  const { gracePeriodSeconds, preconditions } = given;
  const propagation = propagationOf(given);
  return {
    dryRun: given.dryRun.length > 0,
    orphanDependents: given.orphanDependents,
    ...(propagation !== undefined && { propagation }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions?.uid && { uid: preconditions.uid }),
    ...(preconditions?.resourceVersion && { resourceVersion: preconditions.resourceVersion }),
  };
}

/** meta/v1 DeleteOptions. */
interface Given {
  propagationPolicy: string | undefined;
  orphanDependents: boolean | undefined;
  gracePeriodSeconds: number | undefined;
  dryRun: string[];
  preconditions?: { uid: string | undefined; resourceVersion: string | undefined };
}

function fromQuery(query: URLSearchParams): Given {
  const orphan = query.get('orphanDependents');
  return {
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: orphan === null ? undefined : orphan !== 'false' && orphan !== '0',
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    dryRun: query.getAll('dryRun').filter((value) => value !== ''),
  };
}

function fromBody(body: unknown): Given {
  if (!isRecord(body)) throw badRequest('expected the body to be DeleteOptions, got no object');
  if (body.kind !== undefined && body.kind !== 'DeleteOptions') {
    throw badRequest(`expected the body to be DeleteOptions, got ${JSON.stringify(body.kind)}`);
  }
  const preconditions = field(body, 'preconditions', 'v1.Preconditions', isRecord);
  return {
    propagationPolicy: field(body, 'propagationPolicy', 'string', isString),
    orphanDependents: field(body, 'orphanDependents', 'bool', (value) => typeof value === 'boolean'),
    gracePeriodSeconds: field(body, 'gracePeriodSeconds', 'int64', isInteger),
    dryRun: field(body, 'dryRun', '[]string', isStrings) ?? [],
    ...(preconditions && {
      preconditions: {
        uid: field(preconditions, 'uid', 'types.UID', isString),
        resourceVersion: field(preconditions, 'resourceVersion', 'string', isString),
      },
    }),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);

function field<T>(
  of: Record<string, unknown>,
  name: string,
  goType: string,
  is: (value: unknown) => value is T,
): T | undefined {
  const value = of[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) {
    throw badRequest(
      `json: cannot unmarshal ${jsonType(value)} into Go struct field DeleteOptions.${name} of type ${goType}`,
    );
  }
  return value;
}

const POLICIES: readonly string[] = ['Foreground', 'Background', 'Orphan'] satisfies Propagation[];

function causesOf({ propagationPolicy, orphanDependents, dryRun }: Given): StatusCause[] {
  const causes = dryRunCauses(dryRun);
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    causes.push(unsupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']));
  }
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    causes.push({
      reason: 'FieldValueInvalid',
      message:
        `Invalid value: ${JSON.stringify(propagationPolicy)}: ` +
        'orphanDependents and deletionPropagation cannot be both set',
      field: 'propagationPolicy',
    });
  }
  return causes;
}

function propagationOf({ propagationPolicy, orphanDependents }: Given): Propagation | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background';
  return propagationPolicy as Propagation | undefined;
}
