// What a call may be refused for, without HTTP: http/ says each with a status.

/** No such worker, or no such job on it: the contract's own answers. */
export class NotFound extends Error {
  override readonly name = 'NotFound';

  constructor(what: 'worker' | 'job') {
    super(`${what} not found`);
  }
}

/** The key has started a job already, and for another request. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}

/** The worker, or the caller, has as many unfinished jobs as it may. The message says which, and how many. */
export class TooManyJobs extends Error {
  override readonly name = 'TooManyJobs';
}

/** The end of the job is to be told where the operator does not allow it. */
export class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused';
}

/** The caches are not in yet, or too old to say no: ask again in a moment. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}
