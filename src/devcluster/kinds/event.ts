// Events, as kubectl describe and kubectl events read them: the core group's. No IO.
import type { CoreV1Event } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import { shown, wide, WIDE_NAME } from './columns.ts';
import { defineKind } from './define.ts';
import { against, invalidField, required } from './field-error.ts';
import { age } from './human-duration.ts';
import { dnsSubdomain, qualifiedName } from './names.ts';
import { EVENTS } from './resource-types.ts';

export type Event = Wire<CoreV1Event>;

/** Characters; of the newer form alone, the one that has an eventTime. */
const LIMITS = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const;
/** Where events about what has no namespace are kept. */
const CLUSTER_EVENTS = ['default', 'kube-system'];

function errors(event: Event): StatusCause[] {
  const namespace = event.metadata?.namespace ?? '';
  const about = event.involvedObject?.namespace ?? '';
  const modern = event.eventTime !== undefined && event.eventTime !== null;
  const fits =
    about === ''
      ? CLUSTER_EVENTS.slice(0, modern ? 2 : 1).includes(namespace)
      : modern || about === namespace;
  const found = fits
    ? []
    : [invalidField('involvedObject.namespace', about, 'does not match event.namespace')];
  return modern ? [...found, ...modernErrors(event)] : found;
}

function modernErrors(event: Event): StatusCause[] {
  const reporter = event.reportingComponent ?? '';
  const empty = (['reportingInstance', 'action', 'reason'] as const).filter((key) => !event[key]);
  const long = (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).filter(
    (key) => (event[key] ?? '').length > LIMITS[key],
  );
  return [
    ...(reporter === '' ? [required('reportingComponent')] : []),
    ...against(qualifiedName, 'reportingComponent', reporter),
    ...empty.map((key) => required(key)),
    ...long.map((key) => invalidField(key, '', `can have at most ${String(LIMITS[key])} characters`)),
  ];
}

const sourceOf = ({ source, reportingComponent, reportingInstance }: Event): string =>
  [source?.component || reportingComponent, source?.host || reportingInstance]
    .filter((part, index) => index === 0 || part)
    .map((part) => part ?? '')
    .join(', ');

function objectOf({ involvedObject: about }: Event): string {
  const kind = (about?.kind ?? '').toLowerCase();
  return about?.name ? `${kind}/${about.name}` : kind;
}

function cells(event: Event, now: number): (string | number | undefined)[] {
  const { series, firstTimestamp, lastTimestamp, eventTime } = event;
  const first = firstTimestamp ?? eventTime;
  return [
    age(series?.lastObservedTime ?? lastTimestamp ?? first, now),
    event.type,
    event.reason,
    objectOf(event),
    event.involvedObject?.fieldPath,
    sourceOf(event),
    event.message?.trim(),
    age(first, now),
    series?.count ?? (event.count || 1),
    event.metadata?.name,
  ];
}

const ABOUT = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

export const eventKind = defineKind<Event>({
  type: EVENTS,
  nameRule: dnsSubdomain,
  columns: [
    shown('Last Seen', 'When it was last seen.'),
    shown('Type', 'Normal or Warning.'),
    shown('Reason', 'Why it came about, in one word.'),
    shown('Object', 'What it is about.'),
    wide('Subobject', 'The part of the object that it is about.'),
    wide('Source', 'Who reports it.'),
    shown('Message', 'What happened, in words.'),
    wide('First Seen', 'When it was first seen.'),
    wide('Count', 'How often it was seen.'),
    WIDE_NAME,
  ],
  cells,
  applyDefaults(event) {
    // A time that nobody gave is written as null.
    Object.assign(event, { eventTime: null, ...event });
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
  },
  errors,
  selectableFields: (event) => ({
    ...Object.fromEntries(ABOUT.map((key) => [`involvedObject.${key}`, event.involvedObject?.[key]])),
    reason: event.reason,
    reportingComponent: event.reportingComponent,
    source: event.source?.component || event.reportingComponent,
    type: event.type,
  }),
});
