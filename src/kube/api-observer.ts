// What this folder tells whoever measures it. Types only; what they do must be quick, and must not throw.

/** One HTTP request to the API server. A repeat is another one. */
export interface SentRequest {
  /** As RBAC has it: get, list, watch, create, update, patch or delete. */
  verb: string;
  /** "jobs", "pods/log"; "none" for a path that is no resource's, such as /version. */
  resource: string;
  /** HTTP's. */
  method: string;
  path: string;
}

export interface ApiObserver {
  /** It is about to be sent. */
  sending(request: SentRequest): Sent;
}

export interface Sent {
  /** Go with it. */
  headers?: Readonly<Record<string, string>>;
  /** Called once, when the answer begins, with its status code; undefined when none came. */
  answered(code: number | undefined): void;
}

/** Of one watch. */
export interface EventObserver {
  /** Bytes have come off the connection; the events in them are next. */
  received: () => void;
  /** An event has reached the sink. */
  applied: () => void;
}
