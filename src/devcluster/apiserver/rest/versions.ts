// The resourceVersion and resourceVersionMatch of a list or a watch. No IO.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { badRequest, invalid, type Refusal, type StatusCause } from '../../status.ts';
import { flag } from './call.ts';
import { tooLargeVersion } from './refusals.ts';
import { unsupported } from './write-options.ts';

/** Undefined for "", which means the newest. Throws Refusal (400). */
export function versionIn(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    const quoted = JSON.stringify(text);
    const why = `Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: ${why}`);
  }
  return Number(text);
}

/**
 * The version that a list asks for exactly; undefined where one of now will do, which is as new as any.
 * Throws Refusal (400, 422, 504).
 */
export function exactVersionOf(query: URLSearchParams, current: number): number | undefined {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = versionIn(query);
  if (flagged(query, 'sendInitialEvents')) {
    throw listOptionsInvalid([forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]);
  }
  checkMatch(match, version);
  if (version === undefined) return undefined;
  if (query.get('continue')) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  if (version > current) throw tooLargeVersion(version, current);
  // A page of a version means that version, and no other.
  const exact = match === 'Exact' || (match === '' && version > 0 && Number(query.get('limit') ?? 0) > 0);
  return exact ? version : undefined;
}

function checkMatch(match: string, version: number | undefined): void {
  if (match === '') return;
  const field = 'resourceVersionMatch';
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw listOptionsInvalid([unsupported(field, match, ['Exact', 'NotOlderThan', ''])]);
  }
  if (version === undefined) {
    throw listOptionsInvalid([
      forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    ]);
  }
  if (match === 'Exact' && version === 0) {
    throw listOptionsInvalid([
      forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    ]);
  }
}

/** Whether a watch is to begin with what there is, told apart from what comes after; undefined: as its version says. Throws Refusal (422). */
export function initialEventsOf(query: URLSearchParams): boolean | undefined {
  const match = query.get('resourceVersionMatch') ?? '';
  const asked = query.get('sendInitialEvents') ?? '';
  const causes: StatusCause[] = [];
  const field = 'resourceVersionMatch';
  if (asked === '' && match !== '') {
    causes.push(
      forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  }
  if (asked !== '' && match !== 'NotOlderThan') {
    causes.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '' && match !== 'NotOlderThan') causes.push(unsupported(field, match, ['NotOlderThan']));
  if (causes.length > 0) throw listOptionsInvalid(causes);
  return asked === '' ? undefined : flag(query, 'sendInitialEvents');
}

const flagged = (query: URLSearchParams, name: string): boolean => (query.get(name) ?? '') !== '';

const forbidden = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

const listOptionsInvalid = (causes: StatusCause[]): Refusal =>
  invalid('meta.k8s.io', 'ListOptions', '', causes);
