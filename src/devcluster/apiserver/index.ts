// All that the rest of the program uses of the embedded API server.
export { credentialsIn, type Credentials } from './credentials/credentials.ts';
export { writeKubeconfig } from './credentials/kubeconfig.ts';
export type { LogOptions, ReadLog } from './rest/log-options.ts';
export { serveApi, type ApiOptions, type ApiServer } from './rest/server.ts';
export type { ClusterObjects, ObjectsOptions } from './storage/cluster-objects.ts';
export type { ObjectDatabase } from './storage/database.ts';
export { openObjects } from './storage/object-store.ts';
export { knownReason, StateError } from './storage/state-folder.ts';
export { WriteError } from './storage/sqlite-errors.ts';
