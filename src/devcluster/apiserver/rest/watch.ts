// One watch: what there is, where asked for, then every change, as lines of JSON. It keeps no changes of its own: it
// reads the history at the pace of its client, and a client that falls out of the history is cut.
import type { ServerResponse } from 'node:http';
import type { Kind } from '../../kinds/index.ts';
import type { ObjectEvent, Stored } from '../../objects.ts';
import { expired, type Refusal } from '../../status.ts';
import { copyOf } from '../storage/json.ts';
import { flag, integer, type Api } from './call.ts';
import { bookmarkIn, objectIn, includeObjectOf } from './forms.ts';
import type { Form } from './negotiation.ts';
import type { Selection } from './selection.ts';
import { initialEventsOf, versionIn } from './versions.ts';

const BOOKMARK_MS = 60_000;
/** A watch that names no timeout ends after a random time of this to twice this, as in Kubernetes. */
const LEAST_TIMEOUT_MS = 30 * 60_000;
/** Lines are sent together up to this size: what waits for a client that does not read. */
const CHUNK_CHARACTERS = 16 * 1024;

type EventType = ObjectEvent['type'];

export class WatchConnection {
  readonly #api: Api;
  readonly #kind: Kind;
  readonly #selection: Selection;
  readonly #form: Form;
  readonly #includeObject: ReturnType<typeof includeObjectOf>;
  readonly #bookmarks: boolean;
  readonly #timeoutMs: number;
  #initial: readonly Stored[];
  /** So many of them are told. */
  #told = 0;
  /** All changes up to this version are sent, or were not asked for. */
  #version: number;
  /** Whether the client is still to be told that it has all that there was. */
  #owesEndOfInitial: boolean;
  /** Tables say once what their columns are. */
  #saidColumns = false;
  #response: ServerResponse | undefined;
  #blocked = false;
  readonly #cleanups: (() => void)[] = [];

  /** Throws Refusal (400, 406, 422). */
  constructor(api: Api, kind: Kind, selection: Selection, form: Form, query: URLSearchParams) {
    const initial = initialEventsOf(query);
    // A form that no event could be sent in is refused before the stream begins.
    if (form === 'PartialObjectMetadataList') objectIn(form, kind, {} as Stored, { now: 0 });
    const since = versionIn(query) ?? 0;
    this.#api = api;
    this.#kind = kind;
    this.#selection = selection;
    this.#form = form;
    this.#includeObject = includeObjectOf(query);
    this.#bookmarks = flag(query, 'allowWatchBookmarks');
    const seconds = integer(query, 'timeoutSeconds') ?? 0;
    this.#timeoutMs = seconds > 0 ? seconds * 1000 : LEAST_TIMEOUT_MS * (1 + Math.random());
    const fromNow = since === 0 || initial === true;
    this.#version = fromNow ? api.objects.version() : since;
    this.#initial = fromNow && initial !== false ? api.objects.list(kind.type, selection.namespace) : [];
    this.#owesEndOfInitial = initial === true && this.#bookmarks;
  }

  start(response: ServerResponse, ended: AbortSignal): void {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const { objects, clock } = this.#api;
    const finish = () => {
      this.#finish();
    };
    ended.addEventListener('abort', finish, { once: true });
    this.#cleanups.push(
      () => {
        ended.removeEventListener('abort', finish);
      },
      objects.subscribe(this.#kind.type, () => {
        this.#changed();
      }),
      clock.after(this.#timeoutMs, finish),
    );
    response.once('close', () => {
      this.#stop();
    });
    response.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
    this.#bookmarkLater();
    this.#pump();
  }

  #changed(): void {
    if (!this.#blocked) this.#pump();
    // Nobody reads at the other end, and what comes next for it is forgotten.
    else if (this.#version < this.#api.objects.oldestVersion(this.#kind.type)) this.#response?.destroy();
  }

  #pump(): void {
    while (this.#response && !this.#blocked) {
      const lines = this.#nextLines();
      if (lines === '') return;
      this.#write(lines);
    }
  }

  #nextLines(): string {
    if (this.#told < this.#initial.length) return this.#initialLines();
    if (this.#owesEndOfInitial) return this.#endOfInitial();
    const { objects } = this.#api;
    const changes =
      this.#version > objects.version() ? undefined : objects.changesAfter(this.#kind.type, this.#version);
    if (!changes) {
      this.#fail(tooOld(this.#version, objects.oldestVersion(this.#kind.type)));
      return '';
    }
    let lines = '';
    for (const change of changes) {
      if (lines.length > CHUNK_CHARACTERS) break;
      this.#version = Number(change.object.metadata.resourceVersion);
      lines += this.#lineOf(change);
    }
    // Changes of which none was for this client: there is no more to say, and nothing is owed.
    return lines;
  }

  #initialLines(): string {
    let lines = '';
    while (lines.length <= CHUNK_CHARACTERS && this.#told < this.#initial.length) {
      const object = this.#initial[this.#told++];
      if (object && this.#selection.matches(object)) lines += this.#objectLine('ADDED', object);
    }
    if (this.#told === this.#initial.length) this.#letGoOfInitial();
    return lines === '' ? this.#nextLines() : lines;
  }

  #letGoOfInitial(): void {
    this.#initial = [];
    this.#told = 0;
  }

  #endOfInitial(): string {
    this.#owesEndOfInitial = false;
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    return this.#line('BOOKMARK', this.#bookmarkBody(annotations));
  }

  #lineOf({ type, object, previous }: ObjectEvent): string {
    const is = type !== 'DELETED' && this.#selection.matches(object);
    const was = previous !== undefined && this.#selection.matches(previous);
    if (is) return this.#objectLine(was ? 'MODIFIED' : 'ADDED', object);
    if (!was) return '';
    return this.#objectLine('DELETED', type === 'DELETED' ? object : departed(previous, object));
  }

  #body(object: Stored): object {
    const now = this.#api.clock.dateMs();
    const includeObject = this.#includeObject;
    const body = objectIn(this.#form, this.#kind, object, { now, ...(includeObject && { includeObject }) });
    if (this.#form !== 'Table') return body;
    const columns = this.#saidColumns ? { columnDefinitions: null } : {};
    this.#saidColumns = true;
    return { ...body, ...columns };
  }

  #bookmarkBody(annotations?: Record<string, string>): object {
    return bookmarkIn(
      this.#form,
      this.#kind,
      { resourceVersion: String(this.#version), ...(annotations && { annotations }) },
      this.#api.clock.dateMs(),
    );
  }

  #objectLine(type: EventType, object: Stored): string {
    if (this.#form !== 'Object') return this.#line(type, this.#body(object));
    return `{"type":"${type}","object":${this.#api.texts.of(object)}}\n`;
  }

  #line(type: EventType | 'BOOKMARK' | 'ERROR', object: object): string {
    return `${JSON.stringify({ type, object })}\n`;
  }

  #write(lines: string): void {
    if (this.#response) this.#blocked = !this.#response.write(lines);
  }

  #bookmarkLater(): void {
    if (!this.#bookmarks) return;
    const cancel = this.#api.clock.after(BOOKMARK_MS, () => {
      this.#cleanups.splice(this.#cleanups.indexOf(cancel), 1);
      this.#bookmark();
      this.#bookmarkLater();
    });
    this.#cleanups.push(cancel);
  }

  /** Says how far the client has come, which is known only when it has everything. */
  #bookmark(): void {
    if (!this.#response || this.#blocked || this.#initial.length > 0 || this.#owesEndOfInitial) return;
    this.#version = this.#api.objects.version();
    this.#write(this.#line('BOOKMARK', this.#bookmarkBody()));
  }

  #fail(refusal: Refusal): void {
    this.#write(this.#line('ERROR', refusal.status));
    this.#end();
  }

  #finish(): void {
    if (this.#bookmarks) this.#bookmark();
    this.#end();
  }

  #end(): void {
    const response = this.#response;
    this.#stop();
    // Behind a client that does not read, a clean end would never be reached.
    if (this.#blocked) response?.destroy();
    else response?.end();
  }

  #stop(): void {
    this.#response = undefined;
    this.#letGoOfInitial();
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }
}

/** An object that left the selection, as it was when it was in it, at the version of its leaving. */
function departed(previous: Stored, object: Stored): Stored {
  const last = copyOf(previous);
  last.metadata.resourceVersion = object.metadata.resourceVersion;
  return last;
}

const tooOld = (version: number, oldest: number): Refusal =>
  expired(`too old resource version: ${String(version)} (${String(oldest)})`);
