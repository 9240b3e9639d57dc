// On whose behalf work is done, so that what all share is shared out fairly between them. Knows nothing of who they are.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string | undefined>();

/** All that `task` does, at once or later, is done on behalf of the caller of that name. */
export const onBehalfOf = <T>(caller: string, task: () => T): T => current.run(caller, task);

/** For work that several callers share: it waits behind none of them. */
export const onNobodysBehalf = <T>(task: () => T): T => current.run(undefined, task);

/** undefined: nobody's, or nobody is asked who they are. */
export const currentCaller = (): string | undefined => current.getStore();
