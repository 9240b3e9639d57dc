// The resourceVersion and resourceVersionMatch of a list or a watch. No IO.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import type { Kind } from '../../kinds/index.ts';
import { badRequest, expired, invalid, type Refusal, type StatusCause } from '../../status.ts';
import { tooLargeVersion } from './refusals.ts';

/** Undefined for "", which means the newest. Throws Refusal (422). */
export function versionIn(query: URLSearchParams, { type }: Kind): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw invalid(type.group, type.plural, '', [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
        field: 'resourceVersion',
      },
    ]);
  }
  return Number(text);
}

/**
 * A list is always of now. That satisfies every request but one for exactly an older version, and one for a newer.
 * `lastChange` is the newest version at which the listed resource changed. Throws Refusal (400, 410, 422, 504).
 */
export function checkListVersion(
  query: URLSearchParams,
  kind: Kind,
  { current, lastChange }: { current: number; lastChange: number },
): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = versionIn(query, kind);
  if (flagged(query, 'sendInitialEvents')) {
    throw listOptionsInvalid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  checkMatch(match, version);
  if (version === undefined) return;
  if (query.get('continue')) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  if (version > current) throw tooLargeVersion(version, current);
  // A page of a version means that version, and no other.
  const exact = match === 'Exact' || (match === '' && version > 0 && Number(query.get('limit') ?? 0) > 0);
  if (exact && version < lastChange) {
    throw expired('The resourceVersion for the provided list is too old.');
  }
}

function checkMatch(match: string, version: number | undefined): void {
  if (match === '') return;
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw listOptionsInvalid(
      'resourceVersionMatch',
      `supported values: "Exact", "NotOlderThan"`,
      `Unsupported value: ${JSON.stringify(match)}`,
    );
  }
  if (version === undefined) {
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (match === 'Exact' && version === 0) {
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    );
  }
}

/** Refuses what a server without the WatchList feature refuses. Throws Refusal (422). */
export function checkWatchOptions(query: URLSearchParams): void {
  if (flagged(query, 'sendInitialEvents')) {
    throw listOptionsInvalid(
      'sendInitialEvents',
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    );
  }
  if (query.get('resourceVersionMatch')) {
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
}

const flagged = (query: URLSearchParams, name: string): boolean => (query.get(name) ?? '') !== '';

function listOptionsInvalid(field: string, why: string, what = 'Forbidden'): Refusal {
  const cause: StatusCause = {
    reason: what === 'Forbidden' ? 'FieldValueForbidden' : 'FieldValueNotSupported',
    message: `${what}: ${why}`,
    field,
  };
  return invalid('meta.k8s.io', 'ListOptions', '', [cause]);
}
