// Many outcome records in one ConfigMap: which go together, and until when. No IO.
// docs/decisions/0003-outcome-records-are-packed.md
import type { ConfigMap, KubeObject } from '../../kube/wire.ts';
import {
  EXPIRES_ANNOTATION,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  RECORD_LABEL,
  RECORD_OF_OUTCOME,
} from '../labels.ts';
import type { OutcomeRecord, SeenOutcomeRecord } from './outcome-record.ts';
import { encodeRecord, seenRecord } from './outcome-record.ts';
import { byteLength } from '../utf8.ts';

/** Each write sends a whole pack to etcd and to every watch, so it is small: some 20 KB when it is full. */
export const PACK_ENTRIES = 64;
/** Only reached where records carry log tails. */
export const PACK_BYTES = 64 * 1024;
/** How many packs follow one another within the retention; a record stays this part of it longer at most. */
const PACKS_IN_RETENTION = 24;

/** A pack without what is in it: enough to add to it, and to let it go. */
export interface Pack {
  /** The ConfigMap's own. */
  name: string;
  uid: string;
  resourceVersion: string;
  /** When everything in it may go: one time for all, set when it is begun. */
  expiresAtMs: number;
  entries: number;
  bytes: number;
}

/** A pack as it arrived. */
export interface SeenPack extends Pack {
  records: SeenOutcomeRecord[];
}

/**
 * When the pack of a job goes that ended at `endedMs`: its retention is over then, and so is that of all others in there.
 * Made of the job's own end alone, so that every writer comes to the same.
 */
export function packExpiry(endedMs: number, retentionMs: number): number {
  const width = Math.max(retentionMs / PACKS_IN_RETENTION, 1000);
  return Math.round(Math.ceil((endedMs + retentionMs) / width) * width);
}

/** Of `records`, the first ones that `pack` has room for; a pack that is not begun yet takes one of any size. */
export function fitting<T extends OutcomeRecord>(pack: Pack | undefined, records: readonly T[]): T[] {
  let { entries, bytes } = pack ?? { entries: 0, bytes: 0 };
  const fits: T[] = [];
  for (const record of records) {
    entries += 1;
    bytes += record.jobName.length + byteLength(encodeRecord(record));
    if (entries > 1 && (entries > PACK_ENTRIES || bytes > PACK_BYTES)) break;
    fits.push(record);
  }
  return fits;
}

/** The key in a pack under which stands that the callback of one of its jobs has been seen to. No record has such a name. */
export const callbackResultKey = (jobName: string): string => `${jobName}.callback`;

/** The `data` that holds `records`, each under its job's name. */
export const packData = (records: readonly OutcomeRecord[]): Record<string, string> =>
  Object.fromEntries(records.map((record) => [record.jobName, encodeRecord(record)]));

export const packOf = (
  name: string,
  namespace: string,
  expiresAtMs: number,
  records: readonly OutcomeRecord[],
): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace,
    labels: { [MANAGED_BY_LABEL]: MANAGED_BY, [RECORD_LABEL]: RECORD_OF_OUTCOME },
    annotations: { [EXPIRES_ANNOTATION]: new Date(expiresAtMs).toISOString() },
  },
  data: packData(records),
});

const NAME = /^outcomes-(\d{13})-/;

/** A name for a pack, which says until when it stays: that is nobody's to edit. */
export const packName = (expiresAtMs: number, id: string): string =>
  `outcomes-${String(expiresAtMs).padStart(13, '0')}-${id}`;

/** By its name, or by its label, as older versions have named them in another way. Labels are for people and selectors. */
export const isPack = ({ metadata: { name = '', labels } = {} }: KubeObject): boolean =>
  NAME.test(name) || labels?.[RECORD_LABEL] === RECORD_OF_OUTCOME;

const expiryOf = ({ metadata: { name = '', annotations } = {} }: KubeObject): number =>
  Number(NAME.exec(name)?.[1] ?? Date.parse(annotations?.[EXPIRES_ANNOTATION] ?? ''));

/** undefined for a ConfigMap that is no pack of ours, whoever labelled it so. What in it is no record is passed over. */
export function seenPack(configMap: ConfigMap): SeenPack | undefined {
  const { name, uid, resourceVersion } = configMap.metadata ?? {};
  const expiresAtMs = isPack(configMap) ? expiryOf(configMap) : NaN;
  if (!name || !uid || !resourceVersion || Number.isNaN(expiresAtMs)) return undefined;
  const data = Object.entries(configMap.data ?? {});
  const isSettled = ({ jobName }: SeenOutcomeRecord) =>
    Object.hasOwn(configMap.data ?? {}, callbackResultKey(jobName));
  return {
    name,
    uid,
    resourceVersion,
    expiresAtMs,
    entries: data.length,
    bytes: data.reduce((sum, [key, value]) => sum + key.length + byteLength(value), 0),
    records: data
      .flatMap(([jobName, text]) => seenRecord(jobName, text) ?? [])
      .map(({ callback, ...record }) =>
        callback && !isSettled(record) ? { ...record, callback: { ...callback, pack: name } } : record,
      ),
  };
}
