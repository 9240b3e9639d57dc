// Server-sent events about jobs, as text. No IO.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
import { randomBytes } from 'node:crypto';
import type { FollowerPosition, Told } from '../../controller/serving/job-follower.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import { itemOf } from '../contract/job-json.ts';
import { positionOf, tokenOf } from '../contract/continue-token.ts';

/** Milliseconds after which a client that was cut off tries again. */
const RETRY_MS = 2_000;

/** EPOCH.CHANGE, and while all jobs on record are being told, .POSITION */
const ID = /^([\w-]+)\.(\d{1,15})(?:\.([\w-]*))?$/;

export class EventText {
  /** Changes are counted by each process from its start: what another one has counted says nothing here. */
  readonly #epoch = randomBytes(9).toString('base64url');
  /** A change goes to all who follow: its text is made once. */
  readonly #texts = new WeakMap<JobRecord, string>();

  /** How a stream begins: so it is not empty, and reaches the client through whatever is between. */
  readonly beginning = `retry: ${String(RETRY_MS)}\n\n`;

  of(told: Told): string {
    return `id: ${this.#idOf(told.place)}\nevent: ${told.event}\ndata: ${this.#dataOf(told)}\n\n`;
  }

  /** The place that an id stands for; undefined when it is of another process, or none. */
  placeOf(id: string): FollowerPosition | undefined {
    const [, epoch, change, token] = ID.exec(id) ?? [];
    if (epoch !== this.#epoch) return undefined;
    const place = { change: Number(change) };
    if (token === undefined) return place;
    if (token === '') return { ...place, listing: {} };
    const after = positionOf(token);
    return after && { ...place, listing: { after } };
  }

  #idOf({ change, listing }: FollowerPosition): string {
    const id = `${this.#epoch}.${String(change)}`;
    return listing ? `${id}.${listing.after ? tokenOf(listing.after) : ''}` : id;
  }

  #dataOf(told: Told): string {
    switch (told.event) {
      case 'job':
        return told.place.listing ? dataOf(told.record) : this.#shared(told.record);
      case 'gone':
        return JSON.stringify({ job_id: told.name });
      case 'snapshot':
        return '{}';
      case 'synced':
        return JSON.stringify({ continue: told.next && tokenOf(told.next) });
    }
  }

  #shared(record: JobRecord): string {
    const text = this.#texts.get(record) ?? dataOf(record);
    this.#texts.set(record, text);
    return text;
  }
}

/** JSON has no line breaks of its own, so it is one line. */
const dataOf = (record: JobRecord): string => JSON.stringify(itemOf(record));
